/**
 * The tokens of submitters. A token is 256 random bits behind the letters `ptb_` (so that scanners for leaked secrets can
 * know one); what is kept is its sha-256. All of them are held in memory: a revoked one opens nothing from that moment on.
 */

import { randomBytes } from "node:crypto";
import type { TokenCreated, TokenRequest, TokenView } from "../../shared/protocol/access-api.ts";
import { TOKENS_MAX } from "../../shared/protocol/limits.ts";
import { sha256Hex } from "../sha256-hex.ts";
import type { StoredToken } from "../store/store.ts";
import type { SubmitterStore } from "../store/submitter-store.ts";
import type { Identity } from "./identity.ts";

const TOKEN_BYTES = 32;
const TOKEN_ID_BYTES = 9;
const DAY_MS = 86_400_000;
/** What a token looks like; anything else is not even looked up. */
export const ACCESS_TOKEN = /^ptb_[A-Za-z0-9_-]{43}$/;

export class AccessTokenError extends Error {
  override readonly name = "AccessTokenError";
}

interface Held {
  stored: StoredToken;
  lastUsedMs: number | null;
}

export class AccessTokens {
  readonly #store: SubmitterStore;
  readonly #nowMs: () => number;
  readonly #byHash = new Map<string, Held>();
  readonly #byId = new Map<string, Held>();

  static async open(store: SubmitterStore, nowMs: () => number = Date.now): Promise<AccessTokens> {
    const tokens = new AccessTokens(store, nowMs);
    for (const stored of await store.tokens()) tokens.#hold(stored);
    return tokens;
  }

  private constructor(store: SubmitterStore, nowMs: () => number) {
    this.#store = store;
    this.#nowMs = nowMs;
  }

  /** [CE4] Another coordinator has made or revoked some. */
  async reload(): Promise<void> {
    const stored = await this.#store.tokens();
    const ids = new Set(stored.map(({ tokenId }) => tokenId));
    for (const { stored: held } of [...this.#byId.values()]) {
      if (ids.has(held.tokenId)) continue;
      this.#byId.delete(held.tokenId);
      this.#byHash.delete(held.tokenSha256);
    }
    for (const one of stored) {
      const held = this.#byId.get(one.tokenId);
      if (held === undefined) this.#hold(one);
      else held.stored = one;
    }
  }

  /** @returns null where the text is no token, or one that is unknown, revoked or expired */
  identify(token: string): Identity | null {
    if (!ACCESS_TOKEN.test(token)) return null;
    // Of 256 random bits a plain hash is enough: there is nothing to guess.
    const held = this.#byHash.get(sha256Hex(token));
    if (held === undefined || !this.#isLive(held.stored)) return null;
    held.lastUsedMs = this.#nowMs();
    const { tokenId, submitter, scopes, jobId } = held.stored;
    return { tokenId, submitter, scopes, ...(jobId === null ? {} : { jobId }) };
  }

  /**
   * Durable when it resolves. The token's text is in the answer and nowhere else.
   * @throws AccessTokenError where there are too many
   */
  create(request: TokenRequest): Promise<TokenCreated> {
    return this.#create(request, null);
  }

  /**
   * A link that reads one job; the one before opens nothing any more. Durable when it resolves.
   * @param submitter in whose name it reads
   * @throws AccessTokenError where there are too many tokens
   */
  async createLink(jobId: string, submitter: string, days: number | null): Promise<TokenCreated> {
    await this.deleteLink(jobId);
    return this.#create({ submitter, scopes: ["read"], days }, jobId);
  }

  /** @returns false where there was none */
  async deleteLink(jobId: string): Promise<boolean> {
    const held = [...this.#byId.values()].find(({ stored }) => stored.jobId === jobId);
    if (held === undefined) return false;
    this.#byId.delete(held.stored.tokenId);
    this.#byHash.delete(held.stored.tokenSha256);
    await this.#store.deleteToken(held.stored.tokenId);
    return true;
  }

  async #create({ submitter, scopes, days }: TokenRequest, jobId: string | null): Promise<TokenCreated> {
    if (this.#byId.size >= TOKENS_MAX) {
      throw new AccessTokenError(`expected fewer than ${TOKENS_MAX} tokens, revoked ones included; got as many`);
    }
    const token = `ptb_${randomBytes(TOKEN_BYTES).toString("base64url")}`;
    const createdMs = Math.round(this.#nowMs());
    const stored: StoredToken = {
      // No minus in front: a command line would take it for a flag.
      tokenId: randomBytes(TOKEN_ID_BYTES).toString("base64url").replace(/^-/, "_"),
      tokenSha256: sha256Hex(token),
      submitter,
      scopes: [...new Set(scopes)],
      createdMs,
      expiresMs: days === null ? null : createdMs + days * DAY_MS,
      revokedMs: null,
      jobId,
    };
    await this.#store.addToken(stored);
    return { ...viewOf(this.#hold(stored)), token };
  }

  list(): TokenView[] {
    return [...this.#byId.values()].map(viewOf);
  }

  /**
   * It opens nothing from the call on, and after a restart once this resolves.
   * @returns null where there is no such token
   * @throws AccessTokenError where it is the last one that may administer
   */
  async revoke(tokenId: string): Promise<TokenView | null> {
    const held = this.#byId.get(tokenId);
    if (held === undefined) return null;
    if (held.stored.revokedMs !== null) return viewOf(held);
    const others = [...this.#byId.values()].filter((other) => other !== held).map(({ stored }) => stored);
    if (this.#mayAdminister(held.stored) && !others.some((stored) => this.#mayAdminister(stored))) {
      throw new AccessTokenError("expected to leave another token with the scope admin, got the last one");
    }
    const revokedMs = Math.round(this.#nowMs());
    held.stored = { ...held.stored, revokedMs };
    await this.#store.revokeToken(tokenId, revokedMs);
    return viewOf(held);
  }

  hasAdmin(): boolean {
    return [...this.#byId.values()].some(({ stored }) => this.#mayAdminister(stored));
  }

  #mayAdminister(stored: StoredToken): boolean {
    return stored.scopes.includes("admin") && this.#isLive(stored);
  }

  #isLive({ revokedMs, expiresMs }: StoredToken): boolean {
    return revokedMs === null && (expiresMs === null || this.#nowMs() < expiresMs);
  }

  #hold(stored: StoredToken): Held {
    const held: Held = { stored, lastUsedMs: null };
    this.#byHash.set(stored.tokenSha256, held);
    this.#byId.set(stored.tokenId, held);
    return held;
  }
}

function viewOf({ stored, lastUsedMs }: Held): TokenView {
  const { tokenSha256: _, ...view } = stored;
  return { ...view, scopes: [...view.scopes], lastUsedMs: lastUsedMs === null ? null : Math.round(lastUsedMs) };
}
