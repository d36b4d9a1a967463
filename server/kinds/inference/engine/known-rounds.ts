/** What the core knows of a job's rounds. The engine looks at it when it needs it, and keeps no copy. */
import type { StoredRound } from "../../../store/store.ts";
import type { BatchSource } from "../core/batch-source.ts";
import type { InferencePlan } from "../core/inference-plan.ts";

/** A round that is durable, or was and is open again: whose results stand in it, and what was told of it. */
export interface RoundFacts
  extends Readonly<Pick<StoredRound, "generation" | "firstMs" | "exactMs" | "estimatedAtFirst" | "redispatched">> {
  readonly sources: readonly (BatchSource | null)[];
}

export interface KnownRounds {
  /** The plan that a round was opened with. */
  planOf(roundIndex: number): InferencePlan;
  /** null: there is no such round. */
  factsOf(roundIndex: number): RoundFacts | null;
}
