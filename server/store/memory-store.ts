/**
 * A store in memory, for the simulator and for tests, with the same promise as the real one: what has resolved
 * survives `crash()`, what has not is a matter of luck, in order.
 */
import { createHash } from "node:crypto";
import type { Store, StoredJob, StoredRound, StoredVolunteer, StoreRecord } from "./store.ts";
import { StoreError } from "./store.ts";

export interface MemoryStoreOptions {
  /**
   * How long a write takes, in whatever time the caller lives in: resolved, it is durable; rejected, it is refused and
   * nothing of it is kept. Writes become durable in the order of their calls. By default at once.
   */
  readonly settle?: () => Promise<void>;
}

interface PendingWrite {
  readonly commit: () => void;
}

export class MemoryStore implements Store {
  readonly #settle: () => Promise<void>;
  readonly #jobs = new Map<string, StoredJob>();
  readonly #rounds = new Map<string, Map<number, StoredRound>>();
  readonly #volunteers = new Map<string, StoredVolunteer>();
  readonly #blobs = new Map<string, Uint8Array>();
  #pending: PendingWrite[] = [];
  #lastWrite: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  constructor(options: MemoryStoreOptions = {}) {
    this.#settle = options.settle ?? (() => Promise.resolve());
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
    this.#isClosed = false;
  }

  /** Opens a closed store again. */
  reopen(): void {
    this.#isClosed = false;
  }

  async apply(records: readonly StoreRecord[]): Promise<void> {
    const kept = structuredClone(records);
    await this.#write(() => {
      for (const record of kept) this.#upsert(record);
    });
  }

  async putBlob(bytes: Uint8Array): Promise<string> {
    const kept = Uint8Array.from(bytes);
    const sha256 = createHash("sha256").update(kept).digest("hex");
    await this.#write(() => this.#blobs.set(sha256, kept));
    return sha256;
  }

  async getBlob(sha256: string): Promise<Uint8Array | null> {
    this.#checkOpen();
    const bytes = this.#blobs.get(sha256);
    return bytes === undefined ? null : Uint8Array.from(bytes);
  }

  async hasBlob(sha256: string): Promise<boolean> {
    this.#checkOpen();
    return this.#blobs.has(sha256);
  }

  async jobs(): Promise<StoredJob[]> {
    this.#checkOpen();
    const jobs = [...this.#jobs.values()];
    jobs.sort((a, b) => a.submittedMs - b.submittedMs || byText(a.jobId, b.jobId));
    return structuredClone(jobs);
  }

  async job(jobId: string): Promise<StoredJob | null> {
    this.#checkOpen();
    return structuredClone(this.#jobs.get(jobId) ?? null);
  }

  async rounds(jobId: string): Promise<StoredRound[]> {
    this.#checkOpen();
    const rounds = [...(this.#rounds.get(jobId)?.values() ?? [])];
    return structuredClone(rounds.sort((a, b) => a.roundIndex - b.roundIndex));
  }

  async volunteers(): Promise<StoredVolunteer[]> {
    this.#checkOpen();
    const volunteers = [...this.#volunteers.values()];
    return structuredClone(volunteers.sort((a, b) => byText(a.volunteerId, b.volunteerId)));
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
      case "volunteer":
        this.#volunteers.set(record.volunteer.volunteerId, record.volunteer);
        return;
    }
  }

  #checkOpen(): void {
    if (this.#isClosed) throw new StoreError("store: it is closed");
  }
}

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
