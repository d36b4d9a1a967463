/** Rows that are taken in have their coins tossed. SPEC.md CC2, CC4. */
import { thresholdOfBatch } from "../../../../../shared/verify/cross-checks/coins.ts";
import type { CoordinatorState } from "../../../../coordinator/state.ts";
import { batchRowsOf } from "../inference-plan.ts";
import type { InferenceJob } from "../job.ts";
import type { Measured } from "../measured.ts";
import { checkedJob, hiddenWith, rowPlacesOf, standingAt } from "./checked-job.ts";
import { countsOf, type PooledRow } from "./job-checks.ts";
import { type PartnersOfResult, putInPool } from "./row-pool.ts";

/** Attempts at a worker index within one generation that have coins of their own, and generations within one run. */
const ATTEMPTS_PER_GENERATION = 64;
const GENERATIONS_PER_RUN = 2 ** 18;

/** Names an answer to the rows of a worker index. */
interface AnswerOf {
  readonly run: number;
  readonly generation: number;
  /** Results that stood for it in this generation, and were taken out. */
  readonly before: number;
}

/**
 * Which answer to its rows a result is: one that is given again has other coins. What was taken out before a crash was not durable, and
 * nobody remembers it: so each run of the coordinator has coins of its own.
 */
export function attemptOf({ run, generation, before }: AnswerOf): number {
  const ofRun = ATTEMPTS_PER_GENERATION * Math.min(generation, GENERATIONS_PER_RUN - 1);
  return ATTEMPTS_PER_GENERATION * GENERATIONS_PER_RUN * run + ofRun + Math.min(before, ATTEMPTS_PER_GENERATION - 1);
}

export interface TakenIn {
  readonly roundIndex: number;
  readonly workerIndex: number;
  readonly addressGroup: string | null;
  /** null: it came before a restart. */
  readonly measured: Measured | null;
}

/**
 * Pools the rows of a result that stands whose coin says so.
 * @param above of a share that was raised: rows below its threshold were pooled before; 0: none were
 */
export function tossCoins(state: CoordinatorState, job: InferenceJob, taken: TakenIn, above = 0): void {
  const checked = checkedJob(job);
  const standing = standingAt(job, taken);
  if (checked === null || standing?.coins === undefined) return;
  const { checks, terms } = checked;
  const { volunteerId: author, precision, coins } = standing;
  countsOf(checks, author);
  const batchRows = batchRowsOf(job.schedule.planOf(taken.roundIndex), taken.roundIndex, taken.workerIndex);
  const hidden = hiddenWith(job, coins);
  // [CC4] The chance that a row of such a batch goes out again. Rows that stand out check nobody who answers them.
  const thresholdOf = (checkShare: number) => thresholdOfBatch(checkShare, hidden, batchRows + hidden);
  const threshold = thresholdOf(checkShareOf(job, author, terms.checkShare));
  const below = above === 0 ? 0 : thresholdOf(above);
  const partners: PartnersOfResult = {};
  const places = rowPlacesOf(job, taken);
  const { attempt } = coins;
  for (let row = 0; row < batchRows; row++) {
    const place = places.first + row * places.stride;
    const coin = checks.draws.coin({ place, attempt });
    if (coin < below || coin >= threshold) continue;
    const window = above === 0 ? (coins.window ?? null) : null;
    const pooled: PooledRow = {
      row,
      place,
      attempt,
      author,
      precision,
      at: null,
      draws: 0,
      wasHeld: false,
      window,
      ...taken,
    };
    putInPool(state, job, checks, pooled, partners);
  }
}

/** h of this volunteer in this job. */
export function checkShareOf({ checks }: InferenceJob, volunteerId: string, begunWith: number): number {
  return checks?.raised.get(volunteerId) ?? begunWith;
}
