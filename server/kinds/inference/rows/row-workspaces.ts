/** The workspaces of jobs on the ledger of rows that are at work, and why some have none. */

import type { DifferingRow } from "../../../../shared/protocol/operator-api.ts";
import type { RandomSource } from "../../../../shared/random/random.ts";
import { messageOf } from "../../../store/attempt.ts";
import type { Store } from "../../../store/store.ts";
import type { OnDiffering, SentRows } from "../engine/differing-rows.ts";
import type { JobData } from "../engine/job-data.ts";
import type { InferenceExecutor } from "../engine/task-types.ts";
import { jobDataBytes, loadJob } from "../job-loader.ts";
import type { StoredJob } from "../records.ts";
import { RowWorkspace } from "./engine/row-workspace.ts";
import type { RestoredRows } from "./work.ts";

export interface RowWorkspacesOptions {
  readonly store: Store;
  readonly executor: InferenceExecutor;
  readonly secretRandom: RandomSource;
  /** What draws of jobs derive from; absent: from secretRandom, and nothing is committed to. */
  readonly jobSecret?: (jobId: string) => Uint8Array;
  /** Rows that somebody sent came out differently when they were computed again. */
  readonly onEvidence?: (jobId: string, sent: SentRows, rows: readonly DifferingRow[]) => void;
  readonly onProblem: (message: string, error: unknown) => void;
}

export class RowWorkspaces {
  readonly #options: RowWorkspacesOptions;
  readonly #held = new Map<string, RowWorkspace>();
  /** Jobs of an earlier run whose data is gone or damaged, and why. */
  readonly #unloadable = new Map<string, string>();

  constructor(options: RowWorkspacesOptions) {
    this.#options = options;
  }

  open(data: JobData): RowWorkspace {
    const { executor, secretRandom, onEvidence, jobSecret } = this.#options;
    const { jobId, commitment } = data.job;
    const onDiffering: OnDiffering = (sent, rows) => onEvidence?.(jobId, sent, rows);
    const secret = commitment === undefined ? null : (jobSecret?.(jobId) ?? null);
    const workspace = new RowWorkspace(data, executor, secretRandom, onDiffering, secret);
    this.#held.set(jobId, workspace);
    return workspace;
  }

  /** Of a job that goes on after a restart. @returns what is durable of it; null: it cannot go on, and its `prepareRows` says why */
  async restore(job: StoredJob): Promise<RestoredRows | null> {
    const { store } = this.#options;
    try {
      const workspace = this.open(await loadJob(store, job));
      return await workspace.restore(store.appends(job.jobId), await store.blocks(job.jobId));
    } catch (error) {
      this.#held.delete(job.jobId);
      this.#unloadable.set(job.jobId, messageOf(error));
      this.#options.onProblem(`job ${job.jobId} cannot go on`, error);
      return null;
    }
  }

  /** null: it is not at work. */
  get(jobId: string): RowWorkspace | null {
    return this.#held.get(jobId) ?? null;
  }

  /** @throws Error with the reason why there is none */
  of(jobId: string): RowWorkspace {
    const workspace = this.#held.get(jobId);
    if (workspace !== undefined) return workspace;
    const reason = this.#unloadable.get(jobId);
    throw new Error(`the data of job ${jobId} could not be loaded${reason === undefined ? "" : `: ${reason}`}`);
  }

  release(jobId: string): void {
    this.#held.delete(jobId);
  }

  /** By job. */
  heldBytes(): [string, number][] {
    return [...this.#held].map(([jobId, { data }]) => [jobId, jobDataBytes(data)]);
  }
}
