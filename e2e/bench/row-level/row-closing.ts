/**
 * The end of a job: what the whole job's checks say, then samples, then those above the bound are checked further within the budget or
 * have their rows done again by those that are below it.
 */
import { ATTEMPT_WEIGHT, attemptBound, sampleChecksNeeded } from "../../../shared/verify/cross-checks/acceptance.ts";
import { DUPLICATE_BUDGET_SHARE } from "../../../shared/verify/cross-checks/parameters.ts";
import { planSample } from "../../../shared/verify/cross-checks/samples.ts";
import { checksNeeded } from "../../../shared/verify/cross-checks/volunteer-bounds.ts";
import type { RowVolunteer } from "./row-crowd.ts";
import { ANSWERED, type RowJob } from "./row-job.ts";

const ROUNDS_MAX = 6;
/** Rows of a job that are answered once more by others because their volunteer stays above the bound. */
const REDO_SHARE_MAX = 0.05;
/** Where more than this of a volunteer's rows would be asked again they are rather done again. */
const ASKED_AGAIN_SHARE_MAX = 0.6;
/** Coins hit a few rows less than they are meant to. */
const SPARE = { checks: 1.1, coins: 1.05 } as const;
/** Rows that the trusted side computes at the end of a clean job, at most: a share, but in small jobs more. */
const TOP_UP = { share: 0.005, smallJobShare: 0.5, rows: 500 } as const;
/** Fewer cannot do the others' rows again and be strangers to each other. */
const STRONG_MIN = 3;

/** The best bound of the established, and of the others: route 2 by cohort. */
export interface CohortBounds {
  readonly established: number;
  readonly others: number;
}

/** @returns what route 2 says at the end, before it is divided by its part of the bound */
export function close(job: RowJob): CohortBounds {
  job.mayWork = (volunteer) => job.isEstablished(volunteer);
  job.look();
  job.goOn();
  topUp(job);
  const established = certify(job, true);
  const others = certify(job, false);
  const cohorts = { established, others };
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const weak = standing(job).filter((volunteer) => !isWithin(job, volunteer, cohorts));
    if (weak.length === 0) break;
    if (!askAgain(job, weak) && !doAgain(job, weak, cohorts)) break;
    job.goOn();
  }
  return cohorts;
}

/** Is what the volunteer has answered within the job's bound, by route 1 or 2? */
export function isWithin(job: RowJob, volunteer: RowVolunteer, cohorts: CohortBounds): boolean {
  const cohort = job.isEstablished(volunteer) ? cohorts.established : cohorts.others;
  return cohort <= job.jobBound || isCheckedEnough(job, volunteer);
}

/** Route 1. A sum that is too small spares the search: effective checks are never more than half a check above it. */
function isCheckedEnough(job: RowJob, volunteer: RowVolunteer): boolean {
  if (job.volunteersBound <= 0) return false;
  let sum = volunteer.trustedChecks;
  for (const checks of volunteer.partnerChecks.values()) sum += checks;
  if (sum + 0.5 < checksNeeded(job.volunteersBound, job.liarShareOf(volunteer))) return false;
  return job.boundOf(volunteer) <= job.volunteersBound;
}

function standing(job: RowJob): RowVolunteer[] {
  return job.crowd.all.filter(({ isNamed, rows }) => !isNamed && rows.length > 0);
}

/**
 * Where nobody was named and a few checks are missing the trusted side computes so many rows more, drawn from all that stand. That
 * the whole job tolerates no naming then was settled before any of them was drawn.
 */
function topUp(job: RowJob): void {
  const { rows } = job.options;
  if (job.crowd.namedCount > 0) return;
  const missing = Math.ceil(sampleChecksNeeded(job.jobBound, 0, ATTEMPT_WEIGHT.job) - job.jobChecks());
  const most = Math.max(TOP_UP.share * rows, Math.min(TOP_UP.smallJobShare * rows, TOP_UP.rows));
  if (missing <= 0 || missing > most) return;
  const volunteers = standing(job);
  const drawn = standingRows(job, volunteers);
  for (let at = 0; at < Math.min(missing, drawn.length); at++) {
    const other = at + job.random.integer(drawn.length - at);
    [drawn[at], drawn[other]] = [drawn[other]!, drawn[at]!];
    if (job.states[drawn[at]!] !== ANSWERED) continue;
    job.counts.toppedUp++;
    job.computeForSample(drawn[at]!);
  }
  job.goOn();
}

function standingRows(job: RowJob, volunteers: readonly RowVolunteer[]): number[] {
  return volunteers.flatMap(({ place, rows }) => rows.filter((row) => isStanding(job, row, place)));
}

/** Attempt 0: it counts every naming of the job, whoever it was. */
export function wholeJobBound(job: RowJob): number {
  return attemptBound(job.crowd.namedCount, job.jobChecks(), ATTEMPT_WEIGHT.job);
}

function certify(job: RowJob, isEstablished: boolean): number {
  let best = wholeJobBound(job);
  for (let attempt = 0; best > job.jobBound; attempt++) {
    const cohort = standing(job).filter((volunteer) => job.isEstablished(volunteer) === isEstablished);
    const rows = standingRows(job, cohort);
    const sample = planSample({
      attempt,
      bound: job.jobBound,
      colluderShare: job.colluderShare,
      standingRows: rows.length,
      jobRows: job.options.rows,
      duplicatesLeft: DUPLICATE_BUDGET_SHARE * job.options.rows - job.counts.duplicates,
    });
    if (sample === null) break;
    best = Math.min(best, take(job, rows, sample.duplicateRows, sample.trustedRows, sample.checks));
  }
  return best;
}

/** @returns what the sample says */
function take(job: RowJob, rows: number[], duplicateRows: number, trustedRows: number, checks: number): number {
  const before = job.crowd.namedCount;
  const drawn = duplicateRows + trustedRows;
  job.counts.samples++;
  job.sampleRate = drawn / rows.length;
  for (let at = 0; at < drawn; at++) {
    const other = at + job.random.integer(rows.length - at);
    [rows[at], rows[other]] = [rows[other]!, rows[at]!];
  }
  for (const row of rows.slice(0, duplicateRows)) job.sendAgain(row);
  for (const row of rows.slice(duplicateRows, drawn)) {
    if (job.states[row] === ANSWERED) job.computeForSample(row);
  }
  job.goOn();
  job.sampleRate = 0;
  return attemptBound(job.crowd.namedCount - before, checks, ATTEMPT_WEIGHT.sample);
}

function isStanding(job: RowJob, row: number, place: number): boolean {
  return job.states[row] === ANSWERED && job.authors[row] === place;
}

/** Those nearest to the bound first, while the budget lasts. @returns whether anything was asked */
function askAgain(job: RowJob, weak: readonly RowVolunteer[]): boolean {
  if (job.volunteersBound <= 0) return false;
  const budget = DUPLICATE_BUDGET_SHARE * job.options.rows - job.counts.duplicates;
  const before = job.queues.size;
  const missing = weak.map((volunteer) => ({ volunteer, checks: job.checksOf(volunteer) }));
  for (const { volunteer, checks } of missing.sort((a, b) => b.checks - a.checks)) {
    const rows = volunteer.rows.filter((row) => job.authors[row] === volunteer.place).length;
    const wanted = SPARE.checks * (checksNeeded(job.volunteersBound, job.liarShareOf(volunteer)) - checks);
    const needed = Math.ceil(wanted / (1 - job.colluderShare));
    if (needed > ASKED_AGAIN_SHARE_MAX * rows || job.queues.size - before + needed > budget) continue;
    job.raise(volunteer, Math.min(1, volunteer.checkShare + (SPARE.coins * needed) / rows));
  }
  return job.queues.size > before;
}

/** @returns whether any row is to be done again */
function doAgain(job: RowJob, weak: readonly RowVolunteer[], cohorts: CohortBounds): boolean {
  const strong = new Set(standing(job).filter((volunteer) => isWithin(job, volunteer, cohorts)));
  if (strong.size < STRONG_MIN) return false;
  let left = Math.floor(REDO_SHARE_MAX * job.options.rows) - job.counts.replaced;
  const before = left;
  for (const { place, rows } of [...weak].sort((a, b) => a.rows.length - b.rows.length)) {
    for (const row of rows) {
      if (left === 0 || !isStanding(job, row, place)) continue;
      job.takeOut(row);
      left--;
    }
  }
  job.counts.replaced += before - left;
  job.mayRedo = (volunteer) => strong.has(volunteer);
  return left < before;
}
