/** What the engine of a job asks of the core's own record of its rounds. */
import type { CoordinatorState } from "../../coordinator/state.ts";
import { sourceOf } from "./core/batch-source.ts";
import { type InferenceJob, inferenceJob } from "./core/job.ts";
import type { KnownRounds, RoundFacts } from "./engine/known-rounds.ts";

export function knownRounds(state: CoordinatorState, jobId: string): KnownRounds {
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
