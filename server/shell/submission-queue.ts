/** Submissions on their way to becoming jobs: counted, handed to the core by their kind, and answered when durable. */
import { addTo, type Holdings, roomFor, together } from "../../shared/control/shares.ts";
import type { JobSubmitted } from "../../shared/protocol/job-api.ts";
import { JOBS_DATA_BYTES_MAX } from "../../shared/protocol/limits.ts";
import { must } from "../coordinator/assert.ts";
import type { ApiProblem } from "../web/coordinator-port.ts";
import { SubmissionError } from "./submission-error.ts";
import { submissionProblem } from "./submission-problem.ts";

/** How many jobs of one sort may be at work, of which no submitter has more than its share (shared/control/shares.ts). */
export interface JobLimit {
  /** What they are called, for the message. */
  readonly of: string;
  /** Of whom this one is to be. */
  readonly party: string;
  /** At work, by whose they are. */
  readonly active: Holdings;
  readonly activeMax: number;
}

interface LookedAt {
  readonly of: string;
  readonly party: string;
  bytes: number;
}

export class SubmissionQueue {
  /** Handed to the core, not answered yet: by job. */
  readonly #waiting = new Map<string, (problem: string | null) => void>();
  /** Submissions being looked at: they hold places, and bytes, like jobs. */
  readonly #lookedAt = new Map<string, LookedAt>();
  readonly #heldBytes: () => Holdings;

  /** @param heldBytes what jobs at work hold that are counted in JOBS_DATA_BYTES_MAX, by whose they are */
  constructor(heldBytes: () => Holdings) {
    this.#heldBytes = heldBytes;
  }

  /**
   * @param begin looks at it and hands it to the core; it throws what submissionProblem knows. @returns what the submitter is told
   * @returns once the core has the job durable, or says why not
   */
  async submit(
    jobId: string,
    { of, party, active, activeMax }: JobLimit,
    begin: () => Promise<JobSubmitted>,
  ): Promise<JobSubmitted | ApiProblem> {
    const held = together(
      active,
      this.#counted((one) => (one.of === of ? 1 : 0)),
    );
    const room = roomFor(party, activeMax, held);
    if (room < 1) {
      const own = held.get(party) ?? 0;
      const message = `expected fewer than ${own + room + 1} ${of} of one submitter at work, of at most ${activeMax} of all, got ${own} and one more; wait for one to end`;
      return { status: 503, code: "too-many-jobs", message };
    }
    const one = { of, party, bytes: 0 };
    // Of one that is sent twice the first is counted.
    if (!this.#lookedAt.has(jobId)) this.#lookedAt.set(jobId, one);
    try {
      const answered = new Promise<string | null>((resolve) => this.#waiting.set(jobId, resolve));
      const submitted = await begin();
      const refusal = await answered;
      if (refusal === null) return submitted;
      return { status: 503, code: "not-durable", message: `the job could not be written down: ${refusal}` };
    } catch (error) {
      this.#waiting.delete(jobId);
      return submissionProblem(error);
    } finally {
      if (this.#lookedAt.get(jobId) === one) this.#lookedAt.delete(jobId);
    }
  }

  /**
   * Of one that is being looked at: so much will it hold.
   * @param most what all jobs of its sort may hold
   * @param held what those at work do, by whose they are
   * @throws SubmissionError where that is more than its submitter's share
   */
  requireBytes(jobId: string, bytes: number, most = JOBS_DATA_BYTES_MAX, held = this.#heldBytes()): void {
    const one = must(this.#lookedAt.get(jobId), "a submission that is being looked at");
    const room = roomFor(one.party, most, together(held, this.#bytesLookedAt(one.of)));
    if (bytes > room) {
      const message = `expected ${one.of} at work to hold at most ${room} bytes more for this submitter, of ${most} for all, got ${bytes}; wait for one to end`;
      throw new SubmissionError(503, "too-much-data", message);
    }
    one.bytes += bytes;
  }

  /** How much more jobs of theirs may hold. */
  bytesRoom(party: string): number {
    return roomFor(party, JOBS_DATA_BYTES_MAX, together(this.#heldBytes(), this.#bytesLookedAt("jobs")));
  }

  #bytesLookedAt(of: string): Holdings {
    return this.#counted((one) => (one.of === of ? one.bytes : 0));
  }

  #counted(amountOf: (one: LookedAt) => number): Holdings {
    const counts = new Map<string, number>();
    for (const one of this.#lookedAt.values()) addTo(counts, one.party, amountOf(one));
    return counts;
  }

  /** The core has the job durable, or says why not. */
  answer(jobId: string, problem: string | null): void {
    const resolve = this.#waiting.get(jobId);
    this.#waiting.delete(jobId);
    resolve?.(problem);
  }

  refuseAll(problem: string): void {
    for (const jobId of [...this.#waiting.keys()]) this.answer(jobId, problem);
  }
}
