/**
 * When the answers of a job could be read, since the opening of their round: looked up in the coordinator's own state after
 * every happening. Delivery is by batch: a worker index's rows, one a group, come together.
 */

import type { CoordinatorState } from "../../server/coordinator/state.ts";
import { isChecked } from "../../server/kinds/inference/core/batch-source.ts";
import { isRawWorker } from "../../server/kinds/inference/core/inference-plan.ts";
import {
  type InferenceJob,
  inferenceJob,
  type Round,
  type Slot,
  slotRows,
} from "../../server/kinds/inference/core/job.ts";
import { acceptedWorkers } from "../../server/kinds/inference/core/rounds.ts";

export class AnswerTimes {
  /** One entry a round, until its first answers. */
  readonly firstMs: number[] = [];
  /** One entry for each batch of queries, until it had the model's own answers; unchecked ones in a scheme without checks. */
  readonly ownMs: number[] = [];
  /** Of the first answers: the model's own, and estimates. The others were not told anything yet. */
  ownAtFirst = 0;
  estimatedAtFirst = 0;
  readonly #seen = new Set<string>();

  see(state: CoordinatorState, jobId: string, nowMs: number): void {
    const job = inferenceJob(state, jobId);
    for (const round of job?.openRounds.values() ?? []) {
      if (job !== undefined && round.decode.state === "published") this.#seeRound(job, round, nowMs);
    }
  }

  #seeRound(job: InferenceJob, round: Round, nowMs: number): void {
    const sinceOpenedMs = nowMs - round.openedMs;
    const isFirst = this.#isNew(`${round.roundIndex}`);
    if (isFirst) {
      this.firstMs.push(sinceOpenedMs);
      this.estimatedAtFirst += round.estimatedAtFirst;
    }
    const isOwn = ({ accepted }: Slot) =>
      accepted !== null && (job.plan.verification !== "audits" || isChecked(accepted));
    if (isFirst) {
      for (const slot of round.slots)
        if (isRawWorker(round.plan, slot.workerIndex) && isOwn(slot)) this.ownAtFirst += slotRows(round, slot);
    }
    // [SL6] One entry, however many slots its rows are in: else rounds that were split would count for more.
    for (const worker of acceptedWorkers(round, isOwn))
      if (isRawWorker(round.plan, worker) && this.#isNew(`${round.roundIndex} ${worker}`))
        this.ownMs.push(sinceOpenedMs);
  }

  #isNew(name: string): boolean {
    if (this.#seen.has(name)) return false;
    this.#seen.add(name);
    return true;
  }
}
