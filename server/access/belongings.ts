/**
 * Whose jobs and uploads are whose, and how much of both one submitter may have. Held in memory, written through to the
 * store, which counts. A job that nobody is known to own is the administrator's.
 */
import { randomUUID } from "node:crypto";
import { wholeIdOf } from "../../shared/kinds/inference/parts.ts";
import {
  JOBS_ACTIVE_PER_SUBMITTER_MAX,
  UPLOAD_BYTES_PER_SUBMITTER_MAX,
  UPLOAD_RETENTION_DAYS,
} from "../../shared/protocol/limits.ts";
import type { StoredUpload } from "../store/store.ts";
import type { SubmitterStore } from "../store/submitter-store.ts";
import { type Identity, mayDo, partyOfIdentity } from "./identity.ts";
import { Reservations } from "./reservations.ts";

const DAY_MS = 86_400_000;

/** A submitter wants more than there is for one. */
export class QuotaError extends Error {
  override readonly name = "QuotaError";
}

export interface NewJob<T> {
  /** The id that it is to have. */
  readonly jobId: string;
  submit(): Promise<T>;
  isRefused(answer: T): boolean;
}

export interface Quotas {
  readonly jobs: number;
  readonly bytes: number;
}
const QUOTAS: Quotas = { jobs: JOBS_ACTIVE_PER_SUBMITTER_MAX, bytes: UPLOAD_BYTES_PER_SUBMITTER_MAX };

export class Belongings {
  readonly #store: SubmitterStore;
  readonly #nowMs: () => number;
  readonly #quotas: Quotas;
  #ownerOf: Map<string, string>;
  /** By submitter, then by hash. */
  readonly #uploads = new Map<string, Map<string, StoredUpload>>();
  /** Of jobs of this run whom no token names: whose they are, as addresses. */
  readonly #partyOfJob = new Map<string, string>();
  /** Of uploads on their way here, for whoever asks for room before a byte is read. */
  readonly #uploading = new Map<string, number>();
  readonly #reservations: Reservations;

  static async open(store: SubmitterStore, nowMs: () => number = Date.now, quotas = QUOTAS): Promise<Belongings> {
    const belongings = new Belongings(store, nowMs, quotas, await store.jobOwners());
    for (const upload of await store.uploads()) belongings.#hold(upload);
    return belongings;
  }

  private constructor(store: SubmitterStore, nowMs: () => number, quotas: Quotas, owners: Map<string, string>) {
    this.#store = store;
    this.#nowMs = nowMs;
    this.#quotas = quotas;
    this.#reservations = new Reservations(store);
    this.#ownerOf = owners;
  }

  /** [CE4] Another coordinator has added to them, or let go of some. */
  async reload(): Promise<void> {
    const [owners, uploads] = [await this.#store.jobOwners(), await this.#store.uploads()];
    this.#ownerOf = owners;
    this.#uploads.clear();
    for (const upload of uploads) this.#hold(upload);
  }

  /** Is this a job that they may know of? The administrator may know of all. */
  isOf(identity: Identity, jobId: string): boolean {
    // [CE12] A part is whose its whole is.
    const asked = wholeIdOf(jobId) ?? jobId;
    if (identity.jobId !== undefined) return identity.jobId === asked;
    return mayDo(identity, "admin") || this.#ownerOf.get(asked) === identity.submitter;
  }

  /** The jobs that they may know of; null: all of them. */
  jobsOf(identity: Identity): string[] | null {
    if (mayDo(identity, "admin")) return null;
    return [...this.#ownerOf].flatMap(([jobId, owner]) => (owner === identity.submitter ? [jobId] : []));
  }

  /** null: nobody is known to own it. */
  ownerOf(jobId: string): string | null {
    return this.#ownerOf.get(wholeIdOf(jobId) ?? jobId) ?? null;
  }

  /** [DP2] Who takes turns with whom; null: with the jobs of its owner. */
  partyOf(jobId: string): string | null {
    return this.#partyOfJob.get(wholeIdOf(jobId) ?? jobId) ?? null;
  }

  /** Did they upload these bytes? */
  hasUploaded(identity: Identity, sha256: string): boolean {
    return mayDo(identity, "admin") || this.#uploads.get(identity.submitter)?.has(sha256) === true;
  }

  /**
   * Submits in the name of somebody, within their quota. Whose it is is durable before the job is: no job is nobody's.
   * @throws QuotaError
   */
  submit<T>(identity: Identity, { jobId, submit, isRefused }: NewJob<T>): Promise<T> {
    const { submitter } = identity;
    if (submitter === "") this.#partyOfJob.set(jobId, partyOfIdentity(identity));
    const owned = () => this.#submitOwned(jobId, submitter, submit, isRefused);
    if (mayDo(identity, "admin")) return owned();
    const most = this.#quotas.jobs;
    const tooMany = () => new QuotaError(`expected at most ${most} jobs of ${submitter} at work, got one more`);
    return this.#reservations.holding({ id: jobId, submitter, what: "jobs", amount: 1, most }, tooMany, owned);
  }

  async #submitOwned<T>(
    jobId: string,
    submitter: string,
    submit: () => Promise<T>,
    isRefused: (answer: T) => boolean,
  ): Promise<T> {
    try {
      await this.#store.ownJob(jobId, submitter);
      this.#ownerOf.set(jobId, submitter);
      const answer = await submit();
      if (isRefused(answer)) await this.disown(jobId);
      return answer;
    } catch (error) {
      await this.disown(jobId);
      throw error;
    }
  }

  /** There is no such job, or no longer. A row that stays behind because the disk refuses is no harm. */
  async disown(jobId: string): Promise<void> {
    this.#ownerOf.delete(jobId);
    this.#partyOfJob.delete(jobId);
    await this.#store.disownJob(jobId).catch(() => {});
  }

  /**
   * Notes that somebody has a blob. Durable when it resolves.
   * @param bytesMax the most that it can be, before it is known
   * @param put stores it
   * @throws QuotaError
   */
  async upload<T>(
    identity: Identity,
    bytesMax: number,
    put: () => Promise<{ sha256: string; bytes: number; answer: T }>,
  ): Promise<T> {
    const { submitter } = identity;
    const noted = async () => {
      const { sha256, bytes, answer } = await put();
      const upload = { sha256, submitter, bytes, uploadedMs: Math.round(this.#nowMs()) };
      await this.#store.addUpload(upload);
      this.#hold(upload);
      return answer;
    };
    add(this.#uploading, submitter, bytesMax);
    try {
      if (mayDo(identity, "admin")) return await noted();
      const claim = {
        id: randomUUID(),
        submitter,
        what: "upload-bytes",
        amount: bytesMax,
        most: this.#quotas.bytes,
      } as const;
      return await this.#reservations.holding(claim, (held) => this.#tooManyBytes(submitter, held, bytesMax), noted);
    } finally {
      add(this.#uploading, submitter, -bytesMax);
    }
  }

  #tooManyBytes(submitter: string, held: number, bytes: number): QuotaError {
    return new QuotaError(
      `expected uploads of ${submitter} of at most ${this.#quotas.bytes} bytes together, got ${held} and ${bytes} more; uploads without a job are deleted after ${UPLOAD_RETENTION_DAYS} days`,
    );
  }

  /** What is left of their quota; null: they have none. */
  roomBytes(identity: Identity): number | null {
    if (mayDo(identity, "admin")) return null;
    const { submitter } = identity;
    return this.#quotas.bytes - this.#bytesOf(submitter) - (this.#uploading.get(submitter) ?? 0);
  }

  /** @throws QuotaError where so many bytes more are too many by what this coordinator knows; before they are read. What counts is reserved when they come. */
  requireRoomForBytes(identity: Identity, bytes: number): void {
    if (mayDo(identity, "admin")) return;
    const held = this.#bytesOf(identity.submitter) + (this.#uploading.get(identity.submitter) ?? 0);
    if (held + bytes > this.#quotas.bytes) throw this.#tooManyBytes(identity.submitter, held, bytes);
  }

  /** What is kept of their uploads. */
  bytesOf({ submitter }: Pick<Identity, "submitter">): number {
    return this.#bytesOf(submitter);
  }

  #bytesOf(submitter: string): number {
    return [...(this.#uploads.get(submitter)?.values() ?? [])].reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Uploads that are kept though no job refers to them yet. */
  retainedUploads(): Set<string> {
    return new Set(this.#allUploads().flatMap((upload) => (this.#isRetained(upload) ? [upload.sha256] : [])));
  }

  /** Lets go of uploads that are not kept any more: they count no longer, and may be collected. */
  async expireUploads(): Promise<void> {
    const expired = this.#allUploads().filter((upload) => !this.#isRetained(upload));
    if (expired.length === 0) return;
    await this.#store.forgetUploads(expired);
    for (const { submitter, sha256 } of expired) this.#uploads.get(submitter)?.delete(sha256);
  }

  #isRetained({ uploadedMs }: StoredUpload): boolean {
    return uploadedMs >= this.#nowMs() - UPLOAD_RETENTION_DAYS * DAY_MS;
  }

  #allUploads(): StoredUpload[] {
    return [...this.#uploads.values()].flatMap((uploads) => [...uploads.values()]);
  }

  #hold(upload: StoredUpload): void {
    const uploads = this.#uploads.get(upload.submitter) ?? new Map<string, StoredUpload>();
    this.#uploads.set(upload.submitter, uploads.set(upload.sha256, upload));
  }
}

function add(counts: Map<string, number>, key: string, amount: number): void {
  const sum = (counts.get(key) ?? 0) + amount;
  if (sum <= 0) counts.delete(key);
  else counts.set(key, sum);
}
