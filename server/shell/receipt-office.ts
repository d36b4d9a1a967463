/**
 * Signs receipts: one statement when a job's end is durable, an amendment whenever what it says of a volunteer is not so any more. One
 * job at a time, beside the coordinator's work. [RC4] [RC5]
 */
import type { Receipt } from "../../shared/kinds/kinds.ts";
import { hexOf, utf8 } from "../../shared/receipts/bytes.ts";
import { canonical } from "../../shared/receipts/canonical.ts";
import { VOLUNTEERS_FILE } from "../../shared/receipts/check-receipt.ts";
import { bytesOfBase64 } from "../../shared/receipts/ed25519.ts";
import { commitmentTo } from "../../shared/receipts/job-draws.ts";
import { STATEMENT_BYTES_MAX } from "../../shared/receipts/limits.ts";
import { RULES_SHA256 } from "../../shared/receipts/rules.ts";
import {
  type EndedStatement,
  type KeyLink,
  keyIdOf,
  NO_STATEMENT_BEFORE,
  RECEIPT_FORMAT,
  type SealedReceipt,
  type Statement,
  type StatementBody,
  statementHash,
  statementMessage,
} from "../../shared/receipts/sealed-receipt.ts";
import {
  type SealedWhole,
  WHOLE_FORMAT,
  type WholeStatement,
  wholeMessage,
} from "../../shared/receipts/whole-receipt.ts";
import type { CoordinatorState } from "../coordinator/state.ts";
import type { ReceiptSigner } from "../receipts/receipt-keys.ts";
import type { Store, StoredVolunteer, StoredWhole } from "../store/store.ts";
import type { Clock } from "./clock.ts";
import type { SealedParts } from "./receipt-parts.ts";

export interface ReceiptOfficeHost {
  readonly store: Pick<
    Store,
    "receipts" | "putBlob" | "getBlob" | "contributions" | "job" | "signWhole" | "signedWhole"
  >;
  readonly signer: ReceiptSigner;
  readonly clock: Clock;
  readonly state: CoordinatorState;
  readonly onProblem: (message: string, error: unknown) => void;
  receipt(jobId: string): Promise<Receipt | "not-ended" | null>;
  parts(jobId: string): Promise<SealedParts>;
}

/** Omits from each of a union. */
type Unsigned<B> = B extends unknown ? Omit<B, "format" | "seq" | "atMs" | "before" | "keyId"> : never;

export class ReceiptOffice {
  readonly #host: ReceiptOfficeHost;
  readonly #quarantined = new Map<string, boolean>();
  /** What is asked for is done one after the other. */
  #last: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  constructor(host: ReceiptOfficeHost) {
    this.#host = host;
  }

  /** Before anything is signed: public keys are kept beside the statements, for the file of the secret ones may get lost. */
  async open(): Promise<void> {
    await this.#host.store.receipts.addKeys(await this.#host.signer.links());
    for (const { volunteerId, quarantine } of this.#host.state.volunteers.values()) {
      this.#quarantined.set(volunteerId, quarantine !== null);
    }
  }

  /** Nothing is signed any more; resolves when what is being written has been. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#last;
  }

  /** [RC4] The end of the job is durable. */
  ended(jobId: string): void {
    void this.#inTurn(`sign the receipt of job ${jobId}`, async () => {
      await this.#seal(jobId);
      // [TB5] Whose rows it did again is told so.
      const first = (await this.#host.store.job(jobId))?.facts.redoOf as { jobId: string } | undefined;
      if (first !== undefined) await this.#amend(first.jobId);
    });
  }

  /** [RC5] A volunteer's record is durable: signed receipts are amended where it stands otherwise than before. */
  volunteerChanged({ volunteerId, quarantine }: StoredVolunteer): void {
    const isQuarantined = quarantine !== null;
    const wasQuarantined = this.#quarantined.get(volunteerId) ?? false;
    this.#quarantined.set(volunteerId, isQuarantined);
    if (isQuarantined === wasQuarantined) return;
    void this.#inTurn(`amend receipts of volunteer ${volunteerId}`, async () => {
      for (const jobId of await this.#host.store.receipts.jobsOf(volunteerId)) await this.#amend(jobId);
    });
  }

  /**
   * With all its amendments.
   * @returns null: there is no such job; "unsigned": it ended before receipts were signed
   */
  async sealed(jobId: string): Promise<SealedReceipt | "unsigned" | "not-ended" | null> {
    const found = await this.#inTurn(`sign the receipt of job ${jobId}`, async () => {
      const refusal = await this.#seal(jobId);
      if (refusal !== null) return refusal;
      // A crash may have come between what happened and its amendment.
      await this.#amend(jobId);
      return this.#assembled(jobId);
    });
    return found === undefined || found === "unknown" ? null : found;
  }

  /**
   * [CE13] What is signed of a job in parts, once: should two coordinators be asked at the same moment, what the first one signed stands.
   * @param sealed the receipts of its parts, in their order
   */
  async signedWhole({ wholeId, parts }: StoredWhole, sealed: readonly SealedReceipt[]): Promise<SealedWhole> {
    const { store, signer, clock } = this.#host;
    const kept = (await store.signedWhole(wholeId)) ?? (await store.signWhole(wholeId, JSON.stringify(await signed())));
    const whole = JSON.parse(kept) as WholeStatement;
    return { format: WHOLE_FORMAT, keys: await this.#keysTo(whole.body.keyId), whole, parts: [...sealed] };

    async function signed(): Promise<WholeStatement> {
      let body!: WholeStatement["body"];
      const { signature } = await signer.sign((keyId) => {
        body = {
          ...{ format: WHOLE_FORMAT, jobId: wholeId, keyId },
          atMs: Math.round(clock.nowMs()),
          queryCount: parts.reduce((sum, { queryCount }) => sum + queryCount, 0),
          parts: parts.map((part, i) => ({ ...part, statement: statementHash(sealed[i]!.statements[0]!) })),
        };
        return wholeMessage(body);
      });
      // A key that signs is known before what it signs is.
      await store.receipts.addKeys(await signer.links());
      return { body, signature };
    }
  }

  /** A file beside the receipt; null: there is none of that name. */
  async file(jobId: string, name: string): Promise<Uint8Array | null> {
    const { receipts, getBlob } = this.#storeCalls();
    const [first] = await receipts.statements(jobId);
    if (first?.body.what !== "ended") return null;
    const beside = first.body.files.find((one) => one.name === name);
    return beside === undefined ? null : getBlob(beside.sha256);
  }

  /** Public keys, the first one first. */
  async keys(): Promise<KeyLink[]> {
    const { receipts } = this.#host.store;
    await receipts.addKeys(await this.#host.signer.links());
    return receipts.keys();
  }

  #storeCalls() {
    const { store } = this.#host;
    return { receipts: store.receipts, getBlob: (sha256: string) => store.getBlob(sha256) };
  }

  #inTurn<T>(what: string, act: () => Promise<T>): Promise<T | undefined> {
    const done = this.#last.then(async () => {
      if (this.#isClosed) return undefined;
      try {
        return await act();
      } catch (error) {
        if (this.#isClosed) return undefined;
        this.#host.onProblem(`could not ${what}`, error);
        return undefined;
      }
    });
    this.#last = done;
    return done;
  }

  /** @returns null: it is signed now */
  async #seal(jobId: string): Promise<"unknown" | "unsigned" | "not-ended" | null> {
    const { store, signer } = this.#host;
    if ((await store.receipts.statements(jobId)).length > 0) return null;
    const [receipt, parts] = [await this.#host.receipt(jobId), await this.#host.parts(jobId)];
    if (receipt === "not-ended") return "not-ended";
    if (receipt === null) return "unknown";
    const [firstKey] = await signer.links();
    if (receipt.finishedMs < firstKey!.fromMs) return "unsigned";
    const files: EndedStatement["files"] = [];
    for (const { name, bytes } of parts.files) {
      files.push({ name, bytes: bytes.length, sha256: await store.putBlob(bytes) });
    }
    const { said, beside } = fitting(receipt);
    if (beside !== null) {
      files.push({ name: VOLUNTEERS_FILE, bytes: beside.length, sha256: await store.putBlob(beside) });
    }
    const { commitment, auditShareMax, anchorShare, trees, signatures, onRows, rounds } = parts;
    await this.#append([], {
      what: "ended",
      jobId,
      receipt: said,
      volunteersAreBeside: beside !== null,
      commitment,
      opened: commitment === null ? null : openedSecret(signer.jobSecret(jobId), commitment),
      auditShareMax,
      anchorShare,
      rules: RULES_SHA256,
      trees,
      ...(signatures === undefined ? {} : { signatures }),
      ...(onRows === undefined ? {} : { onRows }),
      ...(rounds === undefined ? {} : { rounds }),
      files,
    });
    return null;
  }

  /** Says of each of the job's volunteers that it stands otherwise than the receipt says. */
  async #amend(jobId: string): Promise<void> {
    const { store, state } = this.#host;
    let statements = await store.receipts.statements(jobId);
    const first = statements[0]?.body;
    if (first?.what !== "ended") return;
    const atEnd = await this.#quarantinedAtEnd(first);
    for (const { volunteerId } of await store.contributions(jobId)) {
      const last = statements.findLast(({ body }) => "volunteerId" in body && body.volunteerId === volunteerId)?.body;
      const was = last === undefined ? atEnd.has(volunteerId) : last.what === "quarantined";
      const quarantine = state.volunteers.get(volunteerId)?.quarantine ?? null;
      if (was === (quarantine !== null)) continue;
      const reason = quarantine?.reason ?? state.volunteers.get(volunteerId)?.released?.reason ?? "";
      const what = quarantine === null ? "released" : "quarantined";
      statements = [...statements, await this.#append(statements, { what, jobId, volunteerId, reason })];
    }
    await this.#tellRedone(jobId, statements);
  }

  /** [TB5] Says which jobs have done rows of it again, once their own receipts are signed. */
  async #tellRedone(jobId: string, before: readonly Statement[]): Promise<void> {
    const { store } = this.#host;
    let statements = before;
    const later = (await store.job(jobId))?.facts.redoneBy as readonly string[] | undefined;
    for (const by of later ?? []) {
      if (statements.some(({ body }) => body.what === "redone" && body.by === by)) continue;
      const [first] = await store.receipts.statements(by);
      if (first === undefined) continue;
      const statement = statementHash(first);
      statements = [...statements, await this.#append(statements, { what: "redone", jobId, by, statement })];
    }
  }

  async #quarantinedAtEnd({ receipt, files, volunteersAreBeside }: EndedStatement): Promise<Set<string>> {
    const beside = files.find(({ name }) => name === VOLUNTEERS_FILE);
    const bytes = volunteersAreBeside && beside ? await this.#host.store.getBlob(beside.sha256) : null;
    const volunteers = (bytes === null ? receipt.volunteers : JSON.parse(new TextDecoder().decode(bytes))) as {
      volunteerId: string;
      quarantine?: object | null;
    }[];
    return new Set(volunteers.filter(({ quarantine }) => quarantine).map(({ volunteerId }) => volunteerId));
  }

  async #append(before: readonly Statement[], unsigned: Unsigned<StatementBody>): Promise<Statement> {
    const { signer, clock, store } = this.#host;
    const last = before.at(-1);
    let body!: StatementBody;
    const { signature } = await signer.sign((keyId) => {
      body = {
        ...unsigned,
        format: RECEIPT_FORMAT,
        seq: before.length,
        atMs: Math.round(clock.nowMs()),
        before: last === undefined ? NO_STATEMENT_BEFORE : statementHash(last),
        keyId,
      } as StatementBody;
      return statementMessage(body);
    });
    const statement = { body, signature };
    // A key that signs is known before what it signs is.
    await store.receipts.addKeys(await signer.links());
    await store.receipts.append(statement);
    return statement;
  }

  /** The keys from the first one to that of the last statement. */
  async #assembled(jobId: string): Promise<SealedReceipt> {
    const { receipts } = this.#host.store;
    const statements = await receipts.statements(jobId);
    return { format: RECEIPT_FORMAT, keys: await this.#keysTo(statements.at(-1)!.body.keyId), statements };
  }

  /** From the first one on. */
  async #keysTo(keyId: string): Promise<KeyLink[]> {
    const links = await this.#host.store.receipts.keys();
    const end = links.findIndex(({ publicKey }) => keyIdOf(bytesOfBase64(publicKey)) === keyId);
    return links.slice(0, end + 1);
  }
}

/** null: it is not the one that was committed to; the file of keys was lost. */
function openedSecret(secret: Uint8Array, { commitment, nonce, queries }: NonNullable<SealedParts["commitment"]>) {
  return commitmentTo(secret, nonce, queries) === commitment ? hexOf(secret) : null;
}

/** [RC6] Where so many volunteers worked for it that the statement would be too large, they are told in a file beside it. */
function fitting(receipt: Receipt): { said: EndedStatement["receipt"]; beside: Uint8Array | null } {
  // As it is read back, without fields that are undefined.
  const said = JSON.parse(canonical(receipt)) as EndedStatement["receipt"];
  const room = STATEMENT_BYTES_MAX - 8 * 1024;
  if (utf8(canonical(said)).length <= room) return { said, beside: null };
  return { said: { ...said, volunteers: [] }, beside: utf8(canonical(said.volunteers)) };
}
