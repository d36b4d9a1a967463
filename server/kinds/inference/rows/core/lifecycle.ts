/** A job on the ledger of rows from its beginning to its end. SPEC.md JB and RS rules. */
import type { Step } from "../../../../coordinator/core-kind.ts";
import type { CoreRecord } from "../../../../coordinator/effects.ts";
import { endJob, failJob, mayEnd } from "../../../../coordinator/jobs.ts";
import { persistOwn } from "../../../../coordinator/persistence.ts";
import { liarShares } from "../../../../coordinator/reputation-bounds.ts";
import type { CoordinatorState } from "../../../../coordinator/state.ts";
import { clearTimer, emitNumerics } from "../../../../coordinator/step-context.ts";
import { contributionOf, takeChangedContributions } from "../../core/contributions.ts";
import type { RowsPurpose, RowsWork } from "../work.ts";
import { accountRecords, settleAccount } from "./accounts.ts";
import { answerLeftOut, beginRows, goOnAfterBlock, isDone, lookAtAccount, waitsNoMore } from "./blocks.ts";
import { voidClaims } from "./claims.ts";
import { rowsJobRecord } from "./job-record.ts";
import { callOffLate } from "./leaving-out.ts";
import { endOpenRows } from "./open-rows.ts";
import { lookAtWindow } from "./open-windows.ts";
import type { RowsJob } from "./rows-job.ts";

/** Attempts of a row are stored in two bytes, and each run has some of its own (ATTEMPTS_OF_RUN). */
const RUNS_MAX = 4_000;
const RUN_TOO_OFTEN = `its coordinator was restarted ${RUNS_MAX} times before it was done`;

/** [RS1] Its data is loaded. [CC2] Attempts of this run are other ones than those of the one before. */
export function beginOnRows(step: Step, job: RowsJob): void {
  const { crossChecks } = job.stored;
  if (job.restored === null || crossChecks === null) return prepareRows(step, job);
  if ((crossChecks.run ?? 0) >= RUNS_MAX) return failJob(step, job, RUN_TOO_OFTEN);
  job.stored.crossChecks = { ...crossChecks, run: (crossChecks.run ?? 0) + 1 };
  persistOwn<RowsPurpose>(step, job, { type: "runBegun" }, [rowsJobRecord(job)]);
}

/** Once its run is durable. */
export function prepareRows(step: Step, job: RowsJob): void {
  if (job.stored.state === "preparing") emitNumerics<RowsWork>(step, job, { type: "prepareRows" });
}

export function rowsPrepared(step: Step, job: RowsJob, prepared: Parameters<typeof beginRows>[2]): void {
  if (job.stored.state !== "preparing" || job.ledger !== null) return;
  job.stored.state = "running";
  persistOwn<RowsPurpose>(step, job, { type: "rowsPrepared" }, [rowsJobRecord(job)]);
  beginRows(step, job, prepared);
}

/** [JB3] When nothing of it waits any more it ends. */
export function advanceRows(step: Step, job: RowsJob): void {
  lookAtAccount(step, job);
  lookAtWindow(step, job);
  goOnAfterBlock(step, job);
  answerLeftOut(step, job);
  callOffLate(step, job);
  if (job.stored.state !== "running" || job.stored.suspended !== null || job.said.length > 0 || !isDone(job)) return;
  endJob(step, job, job.isCancelled ? "cancelled" : "done", null);
}

/**
 * [JB2] It is called off: nothing goes out any more, and it ends at once where no coin of it is open. Else these are answered first, or its reserve would
 * stay held for good. A block whose opening is being written is closed once that is durable: nothing of it went out.
 */
export function cancelRows(step: Step, job: RowsJob): void {
  if (!mayEnd(job) || job.isCancelled) return;
  const { checked, block, stored } = job;
  job.isCancelled = true;
  job.isOpen = false;
  waitsNoMore(job);
  voidClaims(step, job);
  const isOpen = block?.block.state === "open" && stored.state === "running";
  if (!isOpen || stored.suspended !== null) return endJob(step, job, "cancelled", null);
  if (checked !== null) job.said.push(...checked.cancel(step.nowMs));
}

/** A block that is open has coins that nobody will answer now: its reserve is charged. @returns what is written with its end */
export function endRows(step: Step, job: RowsJob): CoreRecord[] {
  voidClaims(step, job);
  job.groups.due.clear();
  endOpenRows(step, job);
  clearTimer(step, job.timer?.timerId ?? null);
  clearTimer(step, job.failing.timerId);
  job.timer = null;
  job.tabsFirstUntilMs = null;
  job.isOpen = false;
  const shares = liarShares(step.state);
  job.stored.liarShare = shares.established;
  job.stored.newcomerLiarShare = shares.newcomers;
  freezeRowRecords(step.state, job);
  settleAccount(step, job);
  const isBooked = job.block !== null || job.stored.refusal !== undefined;
  return [...takeChangedContributions(job), ...(isBooked ? accountRecords(step, job) : [])];
}

/** The records of volunteers as they stand when the job ends. */
function freezeRowRecords({ volunteers }: CoordinatorState, job: RowsJob): void {
  for (const volunteerId of job.contributions.keys())
    contributionOf(job, volunteerId).auditsPassedAtEnd = volunteers.get(volunteerId)?.auditsPassed ?? 0;
}

/** Its end is durable: what it computed with is let go. */
export function rowsEnded(job: RowsJob): void {
  job.checked = null;
  job.ledger = null;
  job.restored = null;
}
