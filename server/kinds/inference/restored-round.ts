/** A stored round as the core takes it up again after a restart. */
import type { StoredRound } from "../../store/store.ts";
import type { RestoredRound } from "./core/work.ts";
import { windowOfRound } from "./engine/job-queries.ts";
import { decodePlan, splitSlotsIn } from "./engine/stored-plan.ts";
import type { StoredJob } from "./records.ts";

export function restoredRound({ queriesSha256 }: StoredJob, round: StoredRound): RestoredRound {
  const { roundIndex, generation, firstMs, exactMs, estimatedAtFirst, redispatched } = round;
  const plan = decodePlan(round.plan);
  const { sources } = plan;
  const told = { roundIndex, generation, sources, firstMs, exactMs, estimatedAtFirst, redispatched };
  const restored = { ...told, ...splitSlotsIn(plan) };
  if (queriesSha256 !== null) return restored;
  const { firstPlace, endPlace } = windowOfRound(round);
  return { ...restored, window: { firstPlace, endPlace } };
}
