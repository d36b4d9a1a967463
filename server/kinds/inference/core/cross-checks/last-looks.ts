/**
 * Volunteers that stay above the bound when all else of their job is done: others answer more of their rows, then do their rows again, and
 * the coordinator computes what little is missing then. SPEC.md CC8.
 */
import { DUPLICATE_BUDGET_SHARE } from "../../../../../shared/verify/cross-checks/parameters.ts";
import { checksNeeded } from "../../../../../shared/verify/cross-checks/volunteer-bounds.ts";
import type { Step } from "../../../../coordinator/core-kind.ts";
import { isQuarantined } from "../../../../coordinator/reputation-bounds.ts";
import type { CoordinatorState } from "../../../../coordinator/state.ts";
import { emitNumerics } from "../../../../coordinator/step-context.ts";
import type { CheckTerms } from "../../records.ts";
import { auditRowsLeft } from "../batches.ts";
import type { InferenceJob } from "../job.ts";
import { replaceBatches } from "../redo.ts";
import type { InferenceWork } from "../work.ts";
import { boundOfVolunteer, checksOfVolunteer, type Reckoning, reckon } from "./bounds.ts";
import { topUpRowsMax } from "./check-terms.ts";
import { checkShareOf } from "./coins.ts";
import { liarShareLately } from "./crowd-lately.ts";
import type { JobChecks } from "./job-checks.ts";
import { raiseTo } from "./raise.ts";
import { REDOERS_MIN } from "./redoers.ts";

const LOOKS_MAX = 6;
/** Rows of a job that are answered once more by others because their volunteer stays above the bound. */
const REPLACED_SHARE_MAX = 0.05;
/** Where more than this of a volunteer's rows would be asked again they are rather done again. */
const ASKED_AGAIN_SHARE_MAX = 0.6;
/** Coins hit a few rows less than they are meant to, and some checks fall away. */
const SPARE = { checks: 1.1, coins: 1.05 } as const;

/** A volunteer above the bound, with rows that no ledger certifies. */
interface Above {
  readonly volunteerId: string;
  /** Of its rows under coins. */
  readonly rows: number;
  /** Effective checks that it lacks. */
  readonly missing: number;
}

/** @returns whether rows are on their way to others */
export function checkFurther(step: Step, job: InferenceJob, checks: JobChecks, terms: CheckTerms): boolean {
  if (terms.shares.volunteers <= 0 || checks.looksAtEnd >= LOOKS_MAX) return false;
  checks.looksAtEnd++;
  const reckoning = reckon(step.state, job, checks, terms);
  const above = volunteersAbove(step.state, job, checks, terms, reckoning);
  const isAsked = askAgain(step.state, job, checks, terms, above, reckoning);
  if (!isAsked && !doAgain(step, job, checks, above, reckoning)) return false;
  job.stored.state = "running";
  return true;
}

/** Rows of those who are nearest to the bound first, within the budget of duplicates. */
function askAgain(
  state: CoordinatorState,
  job: InferenceJob,
  checks: JobChecks,
  terms: CheckTerms,
  above: readonly Above[],
  { colluderShare }: Reckoning,
): boolean {
  let left = DUPLICATE_BUDGET_SHARE * job.stored.queryCount - checks.duplicatesSent;
  const before = checks.pool.size;
  for (const { volunteerId, rows, missing } of above) {
    const asked = Math.ceil((SPARE.checks * missing) / (1 - colluderShare));
    if (asked > ASKED_AGAIN_SHARE_MAX * rows || asked > left) continue;
    left -= asked;
    const share = checkShareOf(job, volunteerId, terms.checkShare);
    raiseTo(state, job, checks, volunteerId, share, Math.min(1, share + (SPARE.coins * asked) / rows));
  }
  return checks.pool.size > before;
}

/** By those within the bound. Of whoever has fewest rows first: so most come to have none above it. */
function doAgain(
  step: Step,
  job: InferenceJob,
  checks: JobChecks,
  above: readonly Above[],
  { rows }: Reckoning,
): boolean {
  const isAbove = new Set(above.map(({ volunteerId }) => volunteerId));
  const within = [...rows.keys()].filter((id) => !isAbove.has(id) && !isQuarantined(step.state, id));
  if (within.length < REDOERS_MIN) return false;
  checks.within = new Set(within);
  const most = Math.floor(REPLACED_SHARE_MAX * job.stored.queryCount) - checks.rowsReplaced;
  const fewestFirst = [...above].sort((a, b) => a.rows - b.rows).map(({ volunteerId }) => volunteerId);
  const replaced = replaceBatches(step, job, fewestFirst, most);
  checks.rowsReplaced += replaced;
  return replaced > 0;
}

/** [CC8] Rows of those nearest to the bound are computed here, as long as there is room. @returns whether any are */
export function topUp(step: Step, job: InferenceJob, checks: JobChecks, terms: CheckTerms): boolean {
  const { state } = step;
  if (terms.shares.volunteers <= 0) return false;
  const reckoning = reckon(state, job, checks, terms);
  let left = Math.min(topUpRowsMax(job.stored.queryCount) - job.topUpRows, auditRowsLeft(state, job));
  for (const { volunteerId, missing } of volunteersAbove(state, job, checks, terms, reckoning)) {
    const rows = Math.max(1, Math.ceil(missing));
    if (rows > left) break;
    if (job.topUpExhausted.has(volunteerId)) continue;
    left -= rows;
    job.topUpRows += rows;
    job.auditRowsAsked += rows;
    job.topUps.set(volunteerId, emitNumerics<InferenceWork>(step, job, { type: "topUp", volunteerId, rows }));
  }
  return job.topUps.size > 0;
}

/** Those nearest to the bound first. */
function volunteersAbove(
  state: CoordinatorState,
  job: InferenceJob,
  checks: JobChecks,
  terms: CheckTerms,
  reckoning: Reckoning,
): Above[] {
  const { answerBound } = job.stored.submission;
  const above: Above[] = [];
  for (const volunteerId of reckoning.rowsUncertified.keys()) {
    if (isQuarantined(state, volunteerId)) continue;
    if (boundOfVolunteer(state, checks, terms, volunteerId, reckoning) <= answerBound) continue;
    const liarShare = liarShareLately(state, state.volunteers.get(volunteerId) ?? { rowsTaken: 0 });
    const wanted = checksNeeded(terms.shares.volunteers * answerBound, liarShare);
    const rows = reckoning.rows.get(volunteerId) ?? 0;
    above.push({ volunteerId, rows, missing: wanted - checksOfVolunteer(state, checks, volunteerId, reckoning) });
  }
  return above.sort((a, b) => a.missing - b.missing);
}
