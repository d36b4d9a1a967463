/** The workspaces of inference jobs that are at work, and why some have none. */
import type { DifferingRow } from "../../../shared/protocol/operator-api.ts";
import type { RandomSource } from "../../../shared/random/random.ts";
import type { CoordinatorState } from "../../coordinator/state.ts";
import { messageOf } from "../../store/attempt.ts";
import type { Store, StoredRound } from "../../store/store.ts";
import { sourceOf } from "./core/batch-source.ts";
import { type InferenceJob, inferenceJob } from "./core/job.ts";
import type { OnDiffering, SentRows } from "./engine/differing-rows.ts";
import type { JobData } from "./engine/job-data.ts";
import { JobWorkspace } from "./engine/job-workspace.ts";
import type { KnownRounds, RoundFacts } from "./engine/known-rounds.ts";
import type { InferenceExecutor } from "./engine/task-types.ts";
import { jobDataBytes, loadJob } from "./job-loader.ts";
import type { StoredJob } from "./records.ts";

export interface WorkspacesOptions {
  readonly store: Store;
  readonly executor: InferenceExecutor;
  readonly secretRandom: RandomSource;
  /** What draws of jobs derive from; absent: from secretRandom, and nothing is committed to. */
  readonly jobSecret?: (jobId: string) => Uint8Array;
  /** Rows that somebody sent came out differently when they were computed again. */
  readonly onEvidence?: (jobId: string, sent: SentRows, rows: readonly DifferingRow[]) => void;
  readonly onProblem: (message: string, error: unknown) => void;
  /** Queries that are put in order together, at most; absent: WINDOW_QUERIES_MAX. */
  readonly windowQueriesMax?: number;
}

export class Workspaces {
  readonly #options: WorkspacesOptions;
  readonly #state: CoordinatorState;
  readonly #held = new Map<string, JobWorkspace>();
  /** Jobs of an earlier run whose data is gone or damaged, and why. */
  readonly #unloadable = new Map<string, string>();

  constructor(options: WorkspacesOptions, state: CoordinatorState) {
    this.#options = options;
    this.#state = state;
  }

  open(data: JobData): void {
    this.#held.set(data.job.jobId, this.#newWorkspace(data));
  }

  #newWorkspace(data: JobData): JobWorkspace {
    const { executor, secretRandom, onEvidence, jobSecret, windowQueriesMax } = this.#options;
    const { jobId, commitment } = data.job;
    const known = knownRounds(this.#state, jobId);
    const onDiffering: OnDiffering = (sent, rows) => onEvidence?.(jobId, sent, rows);
    const secret = commitment === undefined ? null : (jobSecret?.(jobId) ?? null);
    return new JobWorkspace(data, known, executor, secretRandom, onDiffering, secret, windowQueriesMax);
  }

  /** Of a job that goes on after a restart. */
  async restore(job: StoredJob, rounds: readonly StoredRound[]): Promise<void> {
    try {
      const { store } = this.#options;
      const workspace = this.#newWorkspace(await loadJob(store, job));
      if (job.queriesSha256 === null) workspace.restore(rounds);
      else if (job.orderSha256 === null && workspace.isInWindows) {
        await workspace.prepare(null);
        workspace.restore(rounds);
      } else if (job.orderSha256 !== null) {
        const order = await store.getBlob(job.orderSha256);
        if (order === null) throw new Error(`the order of job ${job.jobId} is missing`);
        await workspace.prepare(new Uint32Array(Uint8Array.from(order).buffer));
        workspace.restore(rounds);
      }
      this.#held.set(job.jobId, workspace);
    } catch (error) {
      // Its `prepare` finds no workspace and fails the job, with what is stored of it kept.
      this.#unloadable.set(job.jobId, messageOf(error));
      this.#options.onProblem(`job ${job.jobId} cannot go on`, error);
    }
  }

  /** null: it is not at work. */
  get(jobId: string): JobWorkspace | null {
    return this.#held.get(jobId) ?? null;
  }

  /** @throws Error with the reason why there is none */
  of(jobId: string): JobWorkspace {
    const workspace = this.#held.get(jobId);
    if (workspace !== undefined) return workspace;
    const reason = this.#unloadable.get(jobId);
    throw new Error(`the data of job ${jobId} could not be loaded${reason === undefined ? "" : `: ${reason}`}`);
  }

  release(jobId: string): void {
    this.#held.delete(jobId);
  }

  /** By job. */
  heldBytes(): Map<string, number> {
    return new Map(
      [...this.#held].map(([jobId, { data, answers }]) => [jobId, jobDataBytes(data, answers.queryCount)]),
    );
  }
}

/** What the engine of a job asks of the core's own record of its rounds. */
function knownRounds(state: CoordinatorState, jobId: string): KnownRounds {
  const job = (): InferenceJob => {
    const known = inferenceJob(state, jobId);
    if (known === undefined) throw new Error(`knownRounds: expected a job that is at hand, got ${jobId}`);
    return known;
  };
  return {
    planOf: (roundIndex) => job().schedule.planOf(roundIndex),
    factsOf: (roundIndex) => job().finishedRounds.get(roundIndex) ?? factsOfOpen(job(), roundIndex),
  };
}

/** Of a round that is being written, or that was durable and is done again. */
function factsOfOpen({ openRounds }: InferenceJob, roundIndex: number): RoundFacts | null {
  const round = openRounds.get(roundIndex);
  if (round === undefined) return null;
  const { generation, firstMs, exactMs, estimatedAtFirst, redispatched } = round;
  const sources = round.slots.map(({ accepted }) => (accepted === null ? null : sourceOf(accepted)));
  return { generation, firstMs, exactMs, estimatedAtFirst, redispatched, sources };
}
