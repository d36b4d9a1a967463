/** A coordinator that asks what a test tells it to ask: real pages, sockets and downloads, and no decisions. */
import { createHash, randomBytes } from "node:crypto";
import type { TabLink } from "../../server/web/coordinator-port.ts";
import { RecordingPort } from "../../server/web/testing/recording-port.ts";
import type { ProductAssignment, ShardAssignment } from "../../shared/coded/assignments.ts";
import type { Result, ResultAck } from "../../shared/protocol/messages.ts";

type Asked = ShardAssignment<"regression"> | ProductAssignment<"regression">;
type WithoutToken<One extends Asked> = One extends Asked ? Omit<One, "token"> : never;

export class ScriptedPort extends RecordingPort {
  readonly #served = new Map<string, Uint8Array>();
  readonly #answers = new Map<string, (result: Result | Error) => void>();
  /** Downloads in their order. */
  readonly fetched: string[] = [];
  /** By nickname, once the tab takes work. */
  readonly ready = new Map<string, TabLink>();
  readonly #nicknames = new Map<string, string>();

  /** @returns the hash under which every tab can fetch it with a live token */
  serve(bytes: Uint8Array): string {
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    this.#served.set(sha256, bytes);
    return sha256;
  }

  /** @throws Error with what the tab says where it fails */
  ask(nickname: string, assignment: WithoutToken<Asked>): Promise<Result> {
    const token = randomBytes(18).toString("base64url");
    return new Promise((resolve, reject) => {
      this.#answers.set(token, (result) => {
        this.#answers.delete(token);
        if (result instanceof Error) reject(result);
        else resolve(result);
      });
      this.ready.get(nickname)!.assignment({ ...assignment, token } as Asked);
    });
  }

  override sessionOpened(...[session, link]: Parameters<RecordingPort["sessionOpened"]>): void {
    super.sessionOpened(session, link);
    this.#nicknames.set(session.sessionId, session.nickname);
  }

  override availability(...[sessionId, available, because]: Parameters<RecordingPort["availability"]>): void {
    super.availability(sessionId, available, because);
    const link = this.links.get(sessionId);
    const nickname = this.#nicknames.get(sessionId);
    if (available && link !== undefined && nickname !== undefined) this.ready.set(nickname, link);
  }

  override blobForToken(token: string, sha256: string) {
    const bytes = this.#answers.has(token) ? this.#served.get(sha256) : undefined;
    if (bytes === undefined) return null;
    this.fetched.push(sha256);
    return { kind: "input" as const, bytes };
  }

  override result(sessionId: string, result: Result, waitedMs?: number): ResultAck {
    this.#answers.get(result.token)?.(result);
    return super.result(sessionId, result, waitedMs);
  }

  override failed(...[sessionId, failed]: Parameters<RecordingPort["failed"]>): void {
    super.failed(sessionId, failed);
    this.#answers.get(failed.token)?.(new Error(failed.message));
  }
}
