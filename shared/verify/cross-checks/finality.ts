/** When an answer is final, and by which route: docs/verification.md, "Routes". */

import type { RouteShares } from "./split-bound.ts";
import { agreedBound } from "./volunteer-bounds.ts";

/** Bounds on one answer of a job, by route, as each route states it. 1: it states nothing. */
export interface RouteBounds {
  /** Route 1: blockBound of its volunteer in this job. */
  readonly volunteer: number;
  /** Route 2: attemptBound of its cohort, the best attempt. */
  readonly job: number;
  /** Route 3: recordBoundAdaptive of its volunteer. */
  readonly record: number;
  /** Route 4: serviceBound. */
  readonly service: number;
}

export interface AnswerFacts {
  readonly bounds: RouteBounds;
  readonly shares: RouteShares;
  /** Nobody that answered in the job was named: what leans on ended jobs holds for jobs that are not aimed at. */
  readonly hasQuietJob: boolean;
  /** Drawn, established, unnamed others that agreed on this very row. */
  readonly agreements: number;
  readonly colluderShare: number;
}

export interface StatedBound {
  readonly bound: number;
  /** It holds on average over the jobs of the service, and not for this one alone. */
  readonly isAveragedOverService: boolean;
}

/**
 * What stands beside an answer: the best of its routes, each divided by its part of the promise, so that taking the best promises no
 * more than one bound; times beta^m for agreements on this row.
 * @example
 * const bounds = { volunteer: 8.1e-4, job: 1, record: 1e-5, service: 1 };
 * const facts = { bounds, shares: { volunteers: 0.81, job: 0.09, records: 0.1 }, agreements: 0, colluderShare: 0.5 };
 * statedBound({ ...facts, hasQuietJob: false }) // -> { bound: 0.001, isAveragedOverService: false }
 * statedBound({ ...facts, hasQuietJob: true }) // -> { bound: 1e-4, isAveragedOverService: true }
 */
export function statedBound(facts: AnswerFacts): StatedBound {
  const { bounds, shares } = facts;
  const ofPart = (bound: number, share: number) => (share > 0 ? Math.min(1, bound / share) : 1);
  const own = Math.min(ofPart(bounds.volunteer, shares.volunteers), ofPart(bounds.job, shares.job));
  const records = ofPart(Math.min(bounds.record, bounds.service), shares.records);
  const leaning = facts.hasQuietJob ? records : 1;
  const bound = agreedBound(Math.min(own, leaning), facts.colluderShare, facts.agreements);
  return { bound, isAveragedOverService: leaning < own };
}

/**
 * Final: within the job's bound, and its coin is answered, so that every lie has had its whole chance of being found.
 * @param isCoinAnswered no duplicate of this row was wanted, or it came back
 * @example isFinalAnswer(9e-4, 1e-3, false) // -> false
 */
export function isFinalAnswer(bound: number, jobBound: number, isCoinAnswered: boolean): boolean {
  return isCoinAnswered && bound <= jobBound;
}
