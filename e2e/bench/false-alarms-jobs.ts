/** What jobs and tabs of `npm run bench -- false-alarms` are like: many small claims, and many of their rows computed by the coordinator too. */
import type { ComputeTime } from "../crowd/compute-time.ts";
import { HONEST, type TabFaults } from "../crowd/tab-faults.ts";
import type { Backend } from "./backends.ts";

export const K = 8;
export const STRAGGLERS = 1;
const STRAGGLE_PROBABILITY = 0.02;
const SPEED_DRAW = 71;
/** A claim is three seconds of work: of tabs so slow it has some four rows. */
const SLOW: ComputeTime = { fixedMs: 0, rowMs: 700, factors: [{ kind: "even", spread: 0.3 }], draw: SPEED_DRAW };

/**
 * A job of whose rows the coordinator computes half: its account, of this job alone, has one wrong answer to spare. By default it would compute ever
 * fewer from job to job, and so compare less.
 */
export function comparedJob(queries: number) {
  const bound = { strict: "yes", answerBound: 1 / queries } as const;
  return { scheme: "systematic", queriesPerGroup: K, stragglers: STRAGGLERS, liars: 0, ...bound } as const;
}

export function slowTab(backend: string, load: Backend["load"]): TabFaults {
  return { ...HONEST, backend, load, straggleProbability: STRAGGLE_PROBABILITY, computeTime: SLOW };
}
