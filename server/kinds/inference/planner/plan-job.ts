/**
 * The dial: predicts codes for a job on the crowd as it is, and picks one. First a few rehearsals of every candidate, then many of
 * those that may be worth choosing. Pure: the draws come from a seed, the same for every code.
 */

import type { Aim } from "../../../../shared/kinds/inference/aim.ts";
import { candidates } from "./candidates.ts";
import { choose, frontierOf, nearest } from "./choose-code.ts";
import type { Code, CodedJob } from "./coded-job.ts";
import type { CrowdFacts } from "./crowd-facts.ts";
import { type CodePrediction, Predictor } from "./predict-code.ts";

export interface PlanRequest {
  readonly job: CodedJob;
  readonly facts: CrowdFacts;
  /** null: the code below is predicted as it is. */
  readonly aim: Aim | null;
  /** The submission's; null: an aim stands in place of it. */
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
  const stops = frontierOf(closer, job.macsPerQuery, confidence);
  if (aim === null) return { chosen: own, isPossible: true, stops };
  const chosen = choose(closer, aim, job.macsPerQuery);
  return {
    chosen: chosen ?? nearest(closer, aim, job.macsPerQuery),
    isPossible: chosen !== null,
    stops,
  };
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
