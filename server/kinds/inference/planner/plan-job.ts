/**
 * The dial: predicts codes for a job on the crowd as it is, and picks one. First every candidate is run on a few crowds, then on more
 * those that may be worth choosing. Pure: the draws come from a seed, the same for every code.
 */

import type { Aim } from "../../../../shared/kinds/inference/aim.ts";
import { wayOut } from "../rows/core/group-rules.ts";
import { candidates } from "./candidates.ts";
import { choose, frontierOf, nearest } from "./choose-code.ts";
import { type Code, type CodedJob, planOfCode } from "./coded-job.ts";
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
const DRAWS_FIRST = 1;
/** Of all codes together, and of each at least: an estimate takes a second of computing at most. */
const DRAWS = 12;
const DRAWS_MIN = 3;
/** Where codes are compared, of each job so much is run as of one whose code is settled. */
const EFFORT = 0.5;
/** Of those that are looked at more closely. */
const FINALISTS_MAX = 3;
/** So much worse is as good: what few draws can tell apart. */
const CLOSE = 1.04;
const CONFIDENCE_DEFAULT = 0.9;

export function planJob({ job, facts, aim, code }: PlanRequest): JobPlan {
  if (facts.tabs.length === 0 || job.queryCount === 0) return { chosen: null, isPossible: false, stops: [] };
  const confidence = aim?.confidence ?? CONFIDENCE_DEFAULT;
  const finalists = finalistsOf(job, facts);
  const closerLook = new Predictor(job, facts, SEED_CLOSER, finalists.length === 1 ? 1 : EFFORT);
  const draws = Math.max(DRAWS_MIN, Math.floor(DRAWS / finalists.length));
  const closer = finalists.map((finalist) => closerLook.predict(finalist, draws));
  const stops = frontierOf(closer, job.macsPerQuery, confidence);
  if (aim === null) {
    const same = code === null ? undefined : closer.find((one) => areOne(job, one.code, code));
    if (code === null || same === undefined)
      return { chosen: code === null ? null : closerLook.predict(code, draws), isPossible: true, stops };
    const { workerCount } = planOfCode(job, code).scheme;
    return { chosen: { ...same, code, workers: workerCount }, isPossible: true, stops };
  }
  const chosen = choose(closer, aim, job.macsPerQuery);
  return {
    chosen: chosen ?? nearest(closer, aim, job.macsPerQuery),
    isPossible: chosen !== null,
    stops,
  };
}

/** Do their rows go out alike, and are they checked alike? */
function areOne(job: CodedJob, one: Code, other: Code): boolean {
  const [plan, otherPlan] = [planOfCode(job, one), planOfCode(job, other)];
  const areRows = wayOut(plan) === "rows" && wayOut(otherPlan) === "rows";
  return areRows && plan.verification === otherPlan.verification;
}

function finalistsOf(job: CodedJob, facts: CrowdFacts): Code[] {
  const all = candidates(job, facts);
  if (all.length === 1) return all;
  const firstLook = new Predictor(job, facts, SEED_FIRST, EFFORT);
  const first = all.map((candidate) => firstLook.predict(candidate, DRAWS_FIRST));
  return closest(first, job.macsPerQuery).map((prediction) => prediction.code);
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
