/**
 * A store in memory, for the simulator and for tests, with the same promise as the real one: what has resolved
 * survives `crash()`, what has not is a matter of luck, in order.
 */

import { wholeIdOf, wholeState } from "../../../shared/kinds/inference/parts.ts";
import { sha256Hex } from "../../sha256-hex.ts";
import { blobReferences } from "../blob-references.ts";
import { jobEndOf } from "../job-ends-migration.ts";
import type {
  AccountRecord,
  AppendRecord,
  BlockRecord,
  CheckpointRecord,
  FoundWhole,
  JobRecord,
  ListedJob,
  Store,
  StoredContribution,
  StoredCrowd,
  StoredJobQuery,
  StoredPiece,
  StoredRound,
  StoredVolunteer,
  StoredWhole,
  StoreRecord,
} from "../store.ts";
import { StoreError } from "../store.ts";
import { Suspects } from "../suspects.ts";
import { MemoryReceipts } from "./memory-receipts.ts";

export interface MemoryStoreOptions {
  /**
   * How long a write takes, in whatever time the caller lives in: resolved, it is durable; rejected, it is refused and
   * nothing of it is kept. Writes become durable in the order of their calls. By default at once.
   */
  readonly settle?: () => Promise<void>;
  /** Sees each transaction at the moment when it has reached the disk, whether or not anybody hears of it. */
  readonly onCommit?: (records: readonly StoreRecord[]) => void;
}

interface PendingWrite {
  readonly commit: () => void;
}

export class MemoryStore implements Store {
  readonly receipts = new MemoryReceipts((jobId) => this.#contributions.get(jobId)?.keys() ?? []);
  readonly #settle: () => Promise<void>;
  readonly #onCommit: (records: readonly StoreRecord[]) => void;
  readonly #jobs = new Map<string, JobRecord>();
  readonly #rounds = new Map<string, Map<number, StoredRound>>();
  readonly #pieces = new Map<string, Map<number, StoredPiece>>();
  readonly #appends = new Map<string, Map<number, AppendRecord>>();
  readonly #blocks = new Map<string, Map<number, BlockRecord>>();
  readonly #accounts = new Map<string, AccountRecord>();
  readonly #volunteers = new Map<string, StoredVolunteer>();
  readonly #contributions = new Map<string, Map<string, StoredContribution>>();
  readonly #checkpoints = new Map<string, CheckpointRecord>();
  readonly #wholes = new Map<string, { readonly whole: StoredWhole; statement: string | null }>();
  readonly #blobs = new Map<string, Uint8Array>();
  #crowd: StoredCrowd | null = null;
  #suspects = new Suspects();
  #pending: PendingWrite[] = [];
  #lastWrite: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  constructor(options: MemoryStoreOptions = {}) {
    this.#settle = options.settle ?? (() => Promise.resolve());
    this.#onCommit = options.onCommit ?? (() => {});
  }

  /**
   * The process dies: writes under way never settle for whoever waits on them. The same object is then what the next
   * process opens.
   * @param survivors so many of the unresolved writes, the oldest, had reached the disk all the same
   */
  crash(survivors = 0): void {
    for (const write of this.#pending.slice(0, survivors)) write.commit();
    this.#pending = [];
    this.#lastWrite = Promise.resolve();
    this.#suspects = new Suspects();
    this.#isClosed = false;
  }

  /** Without touching it: is this blob there? */
  holds(sha256: string): boolean {
    return this.#blobs.has(sha256);
  }

  /** A disk has room for what no memory needs: of a job that has ended nothing is kept here any more. */
  forgetJob(jobId: string): void {
    const answers = [this.#rounds, this.#pieces, this.#appends, this.#blocks];
    for (const held of [this.#jobs, ...answers, this.#contributions, this.#checkpoints]) held.delete(jobId);
  }

  /** Opens a closed store again. */
  reopen(): void {
    this.#isClosed = false;
  }

  async apply(records: readonly StoreRecord[]): Promise<void> {
    const kept = structuredClone(records);
    await this.#write(() => {
      for (const record of kept) this.#upsert(record);
      this.#onCommit(kept);
    });
  }

  async putBlob(bytes: Uint8Array): Promise<string> {
    const kept = Uint8Array.from(bytes);
    const sha256 = sha256Hex(kept);
    this.#suspects.touch(sha256);
    await this.#write(() => this.#blobs.set(sha256, kept));
    return sha256;
  }

  async putBlobStream(chunks: AsyncIterable<Uint8Array>): Promise<string> {
    const came: Uint8Array[] = [];
    for await (const chunk of chunks) came.push(Uint8Array.from(chunk));
    return this.putBlob(Buffer.concat(came));
  }

  async blobFile(): Promise<null> {
    this.#checkOpen();
    return null;
  }

  async blobBytes(sha256: string): Promise<number | null> {
    return (await this.getBlob(sha256))?.length ?? null;
  }

  async getBlob(sha256: string): Promise<Uint8Array | null> {
    this.#checkOpen();
    this.#suspects.touch(sha256);
    const bytes = this.#blobs.get(sha256);
    return bytes === undefined ? null : Uint8Array.from(bytes);
  }

  async hasBlob(sha256: string): Promise<boolean> {
    this.#checkOpen();
    this.#suspects.touch(sha256);
    return this.#blobs.has(sha256);
  }

  async collectBlobs(alsoKept: ReadonlySet<string>, endedBeforeMs: number): Promise<{ blobs: number; bytes: number }> {
    this.#checkOpen();
    const jobs = [...this.#jobs.values()];
    const referenced = new Set(jobs.flatMap((job) => blobReferences({ kind: "job", job }, endedBeforeMs)));
    for (const { sha256 } of await this.receipts.filesBeside()) referenced.add(sha256);
    for (const { jobId, finishedMs } of this.#jobs.values()) {
      if (finishedMs !== null && finishedMs < endedBeforeMs) this.#pieces.delete(jobId);
    }
    const collected = { blobs: 0, bytes: 0 };
    this.#suspects.begin();
    for (const [sha256, bytes] of this.#blobs) {
      if (!this.#suspects.isCollectable(sha256, referenced.has(sha256) || alsoKept.has(sha256))) continue;
      this.#blobs.delete(sha256);
      collected.blobs++;
      collected.bytes += bytes.length;
    }
    return collected;
  }

  async jobs(): Promise<JobRecord[]> {
    this.#checkOpen();
    const jobs = [...this.#jobs.values()];
    jobs.sort((a, b) => a.submittedMs - b.submittedMs || byText(a.jobId, b.jobId));
    return structuredClone(jobs);
  }

  async job(jobId: string): Promise<JobRecord | null> {
    this.#checkOpen();
    return structuredClone(this.#jobs.get(jobId) ?? null);
  }

  async jobList({ states, search, among, offset, limit }: StoredJobQuery) {
    this.#checkOpen();
    const inOnePiece = [...this.#jobs.values()].filter(({ jobId }) => wholeIdOf(jobId) === null);
    const listed = inOnePiece.map(({ jobId, kind, state, submittedMs, finishedMs, data, facts }): ListedJob => {
      const { name, submitter } = data.submission as { name: string; submitter: string };
      return { jobId, kind, state, submittedMs, finishedMs, name, submitter, ...jobEndOf(facts) };
    });
    for (const { whole } of this.#wholes.values()) {
      const { wholeId: jobId, kind, name, submitter, submittedMs } = whole;
      const parts = [...this.#jobs.values()].filter((job) => wholeIdOf(job.jobId) === jobId);
      if (parts.length === 0) continue;
      listed.push({ jobId, kind, name, submitter, submittedMs, endKind: null, whyEnded: null, ...wholeState(parts) });
    }
    const has = (text: string) => asciiLower(text).includes(asciiLower(search));
    const matching = listed
      .filter(({ state, jobId }) => states.includes(state) && (among === null || among.includes(jobId)))
      .filter(({ name, submitter, jobId }) => has(name) || has(submitter) || jobId.startsWith(search))
      .sort((a, b) => b.submittedMs - a.submittedMs || byText(a.jobId, b.jobId));
    return { matching: matching.length, jobs: matching.slice(offset, offset + limit) };
  }

  async changeJob(jobId: string, change: (record: JobRecord) => JobRecord): Promise<boolean> {
    let isThere = false;
    await this.#write(() => {
      const before = this.#jobs.get(jobId);
      isThere = before !== undefined;
      if (before === undefined) return;
      const record: StoreRecord = { kind: "job", job: structuredClone(change(structuredClone(before))) };
      this.#upsert(record);
      this.#onCommit([record]);
    });
    return isThere;
  }

  async deleteJob(jobId: string): Promise<void> {
    await this.#write(() => {
      this.forgetJob(jobId);
      this.receipts.forget(jobId);
    });
  }

  async addWhole(whole: StoredWhole, parts: readonly JobRecord[]): Promise<string[]> {
    if (this.#wholes.has(whole.wholeId)) throw new StoreError(`store: job ${whole.wholeId} is there already`);
    const [kept, records] = [structuredClone(whole), structuredClone(parts)];
    await this.#write(() => {
      this.#wholes.set(whole.wholeId, { whole: kept, statement: null });
      const written = records.map((job): StoreRecord => ({ kind: "job", job }));
      for (const record of written) this.#upsert(record);
      this.#onCommit(written);
    });
    return parts.map(({ jobId }) => jobId);
  }

  async whole(wholeId: string): Promise<FoundWhole | null> {
    this.#checkOpen();
    const held = this.#wholes.get(wholeId);
    if (held === undefined) return null;
    const parts = [...this.#jobs.values()].filter(({ jobId }) => wholeIdOf(jobId) === wholeId);
    return {
      ...structuredClone(held.whole),
      partsEnded: parts.filter(({ finishedMs }) => finishedMs !== null).length,
    };
  }

  async signWhole(wholeId: string, statement: string): Promise<string> {
    await this.#write(() => {
      const held = this.#wholes.get(wholeId);
      if (held !== undefined) held.statement ??= statement;
    });
    return (await this.signedWhole(wholeId)) ?? statement;
  }

  async signedWhole(wholeId: string): Promise<string | null> {
    this.#checkOpen();
    return this.#wholes.get(wholeId)?.statement ?? null;
  }

  async deleteWhole(wholeId: string): Promise<void> {
    await this.#write(() => void this.#wholes.delete(wholeId));
  }

  async rounds(jobId: string): Promise<StoredRound[]> {
    this.#checkOpen();
    const rounds = [...(this.#rounds.get(jobId)?.values() ?? [])];
    return structuredClone(rounds.sort((a, b) => a.roundIndex - b.roundIndex));
  }

  async pieces(jobId: string): Promise<StoredPiece[]> {
    this.#checkOpen();
    const pieces = [...(this.#pieces.get(jobId)?.values() ?? [])];
    return structuredClone(pieces.sort((a, b) => a.firstQuery - b.firstQuery));
  }

  async *appends(jobId: string): AsyncGenerator<readonly AppendRecord[]> {
    this.#checkOpen();
    const appends = [...(this.#appends.get(jobId)?.values() ?? [])];
    if (appends.length > 0) yield structuredClone(appends.sort((a, b) => a.seq - b.seq));
  }

  async blocks(jobId: string): Promise<BlockRecord[]> {
    this.#checkOpen();
    const blocks = [...(this.#blocks.get(jobId)?.values() ?? [])];
    return structuredClone(blocks.sort((a, b) => a.blockId - b.blockId));
  }

  async accounts(): Promise<AccountRecord[]> {
    this.#checkOpen();
    const accounts = [...this.#accounts.values()];
    return structuredClone(accounts.sort((a, b) => byText(a.accountKey, b.accountKey)));
  }

  async crowd(): Promise<StoredCrowd | null> {
    this.#checkOpen();
    return structuredClone(this.#crowd);
  }

  async volunteers(): Promise<StoredVolunteer[]> {
    this.#checkOpen();
    const volunteers = [...this.#volunteers.values()];
    return structuredClone(volunteers.sort((a, b) => byText(a.volunteerId, b.volunteerId)));
  }

  async contributions(jobId: string): Promise<StoredContribution[]> {
    this.#checkOpen();
    const contributions = [...(this.#contributions.get(jobId)?.values() ?? [])];
    return structuredClone(contributions.sort((a, b) => byText(a.volunteerId, b.volunteerId)));
  }

  async checkpoint(jobId: string): Promise<CheckpointRecord | null> {
    this.#checkOpen();
    return structuredClone(this.#checkpoints.get(jobId) ?? null);
  }

  async close(): Promise<void> {
    await this.#lastWrite;
    this.#isClosed = true;
  }

  #write(commit: () => void): Promise<void> {
    this.#checkOpen();
    const write: PendingWrite = { commit };
    this.#pending.push(write);
    const before = this.#lastWrite;
    const settled = this.#settle();
    const done = new Promise<void>((resolve, reject) => {
      const finish = (deliver: () => void) => {
        // Not there any more: the process that waits for this write has died.
        if (!this.#pending.includes(write)) return;
        this.#pending.splice(this.#pending.indexOf(write), 1);
        deliver();
      };
      const refuse = (reason: unknown) =>
        finish(() =>
          reject(reason instanceof StoreError ? reason : new StoreError("store: write refused", { cause: reason })),
        );
      settled.then(
        () =>
          before.then(() =>
            finish(() => {
              commit();
              resolve();
            }),
          ),
        (reason) => before.then(() => refuse(reason)),
      );
    });
    this.#lastWrite = done.catch(() => {});
    return done;
  }

  #upsert(record: StoreRecord): void {
    switch (record.kind) {
      case "job":
        this.#jobs.set(record.job.jobId, record.job);
        return;
      case "round": {
        const rounds = this.#rounds.get(record.round.jobId) ?? new Map<number, StoredRound>();
        this.#rounds.set(record.round.jobId, rounds.set(record.round.roundIndex, record.round));
        return;
      }
      case "piece": {
        const pieces = this.#pieces.get(record.piece.jobId) ?? new Map<number, StoredPiece>();
        this.#pieces.set(record.piece.jobId, pieces.set(record.piece.firstQuery, record.piece));
        return;
      }
      case "append": {
        const appends = this.#appends.get(record.append.jobId) ?? new Map<number, AppendRecord>();
        this.#appends.set(record.append.jobId, appends.set(record.append.seq, record.append));
        return;
      }
      case "block": {
        const blocks = this.#blocks.get(record.block.jobId) ?? new Map<number, BlockRecord>();
        this.#blocks.set(record.block.jobId, blocks.set(record.block.blockId, record.block));
        return;
      }
      case "account":
        this.#accounts.set(record.account.accountKey, record.account);
        return;
      case "volunteer":
        this.#volunteers.set(record.volunteer.volunteerId, record.volunteer);
        return;
      case "crowd":
        this.#crowd = record.crowd;
        return;
      case "contribution": {
        const { jobId, volunteerId } = record.contribution;
        const ofJob = this.#contributions.get(jobId) ?? new Map<string, StoredContribution>();
        this.#contributions.set(jobId, ofJob.set(volunteerId, record.contribution));
        return;
      }
      case "checkpoint":
        this.#checkpoints.set(record.checkpoint.jobId, record.checkpoint);
        return;
    }
  }

  #checkOpen(): void {
    if (this.#isClosed) throw new StoreError("store: it is closed");
  }
}

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
/** As SQLite does it. */
const asciiLower = (text: string): string => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
