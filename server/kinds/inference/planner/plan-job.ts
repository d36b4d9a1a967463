/**
 * The dial: predicts codes for a job on the crowd as it is, and picks one. First a few rehearsals of every candidate, then many of
 * those that may be worth choosing. Pure: the draws come from a seed, the same for every code.
 */

import type { Aim } from "../../../../shared/kinds/inference/aim.ts";
import { quantileOfSome } from "../../../../shared/numbers/quantile.ts";
import { candidates } from "./candidates.ts";
import { chanceOf, choose, costOf, frontierOf, nearest } from "./choose-code.ts";
import type { Code, CodedJob } from "./coded-job.ts";
import type { CrowdFacts } from "./crowd-facts.ts";
import { type CodePrediction, Predictor } from "./predict-code.ts";

export interface PlanRequest {
  readonly job: CodedJob;
  readonly facts: CrowdFacts;
  /** null: the code below is predicted as it is. */
  readonly aim: Aim | null;
  /** The submission's; with an aim, the one in force: it is among those that are compared. */
  readonly code: Code | null;
}

export interface JobPlan {
  /** null: nobody is there to predict with. */
  readonly chosen: CodePrediction | null;
  /** Does the chosen code meet the aim? */
  readonly isPossible: boolean;
  /** The cheapest first, each faster than those before it. */
  readonly stops: readonly CodePrediction[];
}

/** The draws that a code is picked by, and others for what is said of it: draws that made a code look good say too much of it. */
const SEED_FIRST = 1;
const SEED_CLOSER = 1_000_001;
const DRAWS_FIRST = 3;
const DRAWS = 48;
/** Of those that are looked at more closely. */
const FINALISTS_MAX = 6;
/** So much worse is as good: what few draws can tell apart. */
const CLOSE = 1.04;
const CONFIDENCE_DEFAULT = 0.9;

export function planJob({ job, facts, aim, code }: PlanRequest): JobPlan {
  if (facts.tabs.length === 0 || job.queryCount === 0) return { chosen: null, isPossible: false, stops: [] };
  const firstLook = new Predictor(job, facts, SEED_FIRST);
  const closerLook = new Predictor(job, facts, SEED_CLOSER);
  const confidence = aim?.confidence ?? CONFIDENCE_DEFAULT;
  const first = candidates(job, facts).map((candidate) => firstLook.predict(candidate, DRAWS_FIRST));
  const finalists = closest(first, job.macsPerQuery).map((prediction) => prediction.code);
  const closer = finalists.map((finalist) => closerLook.predict(finalist, DRAWS));
  const own = code === null ? null : closerLook.predict(code, DRAWS);
  const compared = own === null || aim === null ? closer : [...closer, own];
  const stops = frontierOf(compared, job.macsPerQuery, confidence);
  if (aim === null) return { chosen: own, isPossible: true, stops };
  const chosen = worthChanging(own, choose(compared, aim, job.macsPerQuery), aim, job.macsPerQuery);
  return {
    chosen: chosen ?? nearest(compared, aim, job.macsPerQuery),
    isPossible: chosen !== null,
    stops,
  };
}

/** A code in force that meets the aim stays where the other is hardly better: few draws cannot tell them apart. */
function worthChanging(
  own: CodePrediction | null,
  chosen: CodePrediction | null,
  aim: Aim,
  macsPerQuery: number,
): CodePrediction | null {
  if (own === null || chosen === null || chanceOf(own, aim) < aim.confidence) return chosen;
  const rankOf = (prediction: CodePrediction) =>
    aim.finishWithinMs !== undefined
      ? costOf(prediction, macsPerQuery)
      : quantileOfSome(prediction.finishMs, aim.confidence);
  return rankOf(own) <= CLOSE * rankOf(chosen) ? own : chosen;
}

/** Of the first look, those that no other clearly beats; from the cheapest to the fastest, a few. */
function closest(predictions: readonly CodePrediction[], macsPerQuery: number): CodePrediction[] {
  const stops = frontierOf(predictions, macsPerQuery, 1 / 2);
  if (stops.length <= FINALISTS_MAX) return withRunnersUp(stops, predictions, macsPerQuery);
  const step = (stops.length - 1) / (FINALISTS_MAX - 1);
  return Array.from({ length: FINALISTS_MAX }, (_, i) => stops[Math.round(i * step)]!);
}

/** Few draws may have put the better code second: what is close to a stop of the dial is looked at too. */
function withRunnersUp(
  stops: readonly CodePrediction[],
  predictions: readonly CodePrediction[],
  macsPerQuery: number,
): CodePrediction[] {
  const rest = predictions.filter((prediction) => !stops.includes(prediction));
  const second = frontierOf(rest.length === 0 ? stops : rest, macsPerQuery, 1 / CLOSE);
  return [...new Set([...stops, ...second])].slice(0, FINALISTS_MAX);
}
