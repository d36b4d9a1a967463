/** Counts of primes in the shell. */
import { countBy } from "../../../shared/control/shares.ts";
import type { EstimateRequest, JobEstimate, JobView, Receipt, Submission } from "../../../shared/kinds/kinds.ts";
import type { PrimesSubmission, PrimesView } from "../../../shared/kinds/primes/kind.ts";
import type { JobSubmitted } from "../../../shared/protocol/job-api.ts";
import type { TimelineRound } from "../../../shared/protocol/timeline-api.ts";
import { isActive, mayEnd } from "../../coordinator/jobs.ts";
import { partyOf } from "../../coordinator/parties.ts";
import type { Own } from "../../coordinator/words.ts";
import type { Clock } from "../../shell/clock.ts";
import {
  type DeskHost,
  type JobGlance,
  type KindDesk,
  NOTHING_UPLOADED,
  type Outgoing,
  type SendEffect,
  type VoidEffect,
  type WorkEffect,
} from "../../shell/kind-desk.ts";
import { RecentlyAsked } from "../../shell/recently-asked.ts";
import { readTensor } from "../../shell/result-frames.ts";
import { SubmissionError } from "../../shell/submission-error.ts";
import type { JobRecord, StoreRecord } from "../../store/store.ts";
import type { ApiProblem } from "../../web/coordinator-port.ts";
import {
  newPrimesJob,
  type PrimesJob,
  primesCodec,
  type RangeSent,
  rangeCount,
  type Tallied,
  type TallyWork,
  type WrittenPrimes,
} from "./job.ts";

const ACTIVE_MAX = 8;
const RANGES_MAX = 10_000;

export interface PrimesDeskOptions {
  readonly clock: Clock;
  readonly makeToken: () => string;
}

export class PrimesDesk implements KindDesk {
  readonly #options: PrimesDeskOptions;
  readonly #host: DeskHost;
  readonly #recalled = new RecentlyAsked<PrimesJob>();
  /** Answers that the core has not asked for, by assignment. */
  readonly #counts = new Map<number, number>();

  constructor(options: PrimesDeskOptions, host: DeskHost) {
    this.#options = options;
    this.#host = host;
  }

  async submit(asked: Submission, jobId = this.#options.makeToken()): Promise<JobSubmitted | ApiProblem> {
    const submission = asked as PrimesSubmission;
    const party = this.#host.partyOf(jobId, submission);
    const active = countBy(this.#jobs().filter(isActive), partyOf);
    const limit = { of: "counts of primes", party, active, activeMax: ACTIVE_MAX };
    return this.#host.submissions.submit(jobId, limit, async () => {
      const ranges = rangeCount(submission);
      if (ranges < 1 || ranges > RANGES_MAX) {
        throw new SubmissionError(422, "wrong-range", `end: expected 1 to ${RANGES_MAX} ranges, got ${ranges}`);
      }
      const submittedMs = Math.round(this.#options.clock.nowMs());
      const begun = { state: "accepting", error: null, submittedMs, finishedMs: null, primes: null } as const;
      this.#host.happen({ type: "jobSubmitted", job: { jobId, submission, ...begun } });
      return { jobId };
    });
  }

  async estimate(request: EstimateRequest): Promise<JobEstimate> {
    return { kind: "primes", assignments: 2 * rangeCount(request as PrimesSubmission) };
  }

  work({ kind, jobId, effectId, work }: WorkEffect): void {
    const { assignmentId } = work as TallyWork;
    const outcome: Tallied = { type: "tallied", assignmentId, primes: this.#counts.get(assignmentId)! };
    this.#counts.delete(assignmentId);
    this.#host.happen({ type: "outcome", kind, jobId, effectId, outcome });
  }

  assignment({ assignmentId, jobId, deadlineMs, payload }: SendEffect): Outgoing | null {
    const job = this.#job(jobId);
    if (job === undefined || !this.#host.state.assignments.has(assignmentId)) return null;
    const { kind, name: jobName, submitter } = job.stored.submission;
    const { first, end } = payload as RangeSent["payload"];
    const expects = { isGood: (value: number) => value <= end - first, words: "a count" };
    const expected = { name: "primes", dtype: "U32", rows: 1, columns: 1, expects } as const;
    const read = (frame: Uint8Array) => readTensor(frame, expected);
    return {
      message: { kind, work: "range", jobId, jobName, submitter, deadlineMs, first, end },
      blob: () => null,
      resultBytes: 4,
      problemOf(frame) {
        const counted = read(frame);
        return typeof counted === "string" ? counted : null;
      },
      take: (_kind, frame) => {
        const counted = frame === null ? NOTHING_UPLOADED : read(frame);
        if (typeof counted === "string") return counted;
        this.#counts.set(assignmentId, counted[0]!);
        return null;
      },
    };
  }

  dropped({ assignmentId }: VoidEffect): void {
    this.#counts.delete(assignmentId);
  }

  storeRecords(_jobId: string, record: Own): StoreRecord[] {
    return [{ kind: "job", job: primesCodec.toRecord((record as WrittenPrimes).job) }];
  }

  isDurable(): void {}

  async restored(record: JobRecord) {
    return { job: primesCodec.fromRecord(record) };
  }

  recall(record: JobRecord): void {
    this.#recalled.set(record.jobId, newPrimesJob(primesCodec.fromRecord(record)));
  }

  heldBytes(): Map<string, number> {
    return new Map();
  }

  release(): void {}

  close(): void {}

  view(jobId: string): JobView | null {
    const job = this.#job(jobId);
    if (job === undefined) return null;
    const { submission, primes, state, error, submittedMs, finishedMs } = job.stored;
    const { range: _range, purpose, ...said } = submission;
    const done = job.ranges.filter((range) => range.primes !== null);
    const counted = done.reduce((sum, range) => sum + range.primes!, 0);
    return {
      ...{ jobId, ...said, state, error, waitingFor: null, submittedMs, finishedMs },
      ...(purpose === undefined ? {} : { purpose }),
      ranges: job.ranges.length,
      rangesDone: primes === null ? done.length : job.ranges.length,
      primes: primes ?? counted,
    };
  }

  glance(jobId: string): JobGlance | null {
    const view = this.view(jobId) as PrimesView | null;
    if (view === null) return null;
    return { state: view.state, progress: view.rangesDone / view.ranges, waitingFor: null };
  }

  forget(jobId: string): void {
    this.#recalled.forget(jobId);
  }

  async receipt(jobId: string): Promise<Receipt | "not-ended" | null> {
    const job = this.#job(jobId);
    if (job === undefined) return null;
    const { submission, primes, state, submittedMs, finishedMs } = job.stored;
    if (isActive(job) || finishedMs === null) return "not-ended";
    return { kind: "primes", jobId, submission, state, primes, submittedMs, finishedMs };
  }

  async timelineRounds(jobId: string): Promise<TimelineRound[] | null> {
    return this.#job(jobId) === undefined ? null : [];
  }

  stop(): boolean {
    return false;
  }

  cancel(jobId: string): boolean {
    const job = this.#job(jobId);
    if (job === undefined || !mayEnd(job)) return false;
    this.#host.happen({ type: "jobCancelled", jobId });
    return true;
  }

  #job(jobId: string): PrimesJob | undefined {
    return this.#jobs().find(({ stored }) => stored.jobId === jobId) ?? this.#recalled.get(jobId);
  }

  #jobs(): PrimesJob[] {
    return [...this.#host.state.jobs.values()].filter((job): job is PrimesJob => job.kind === "primes");
  }
}
