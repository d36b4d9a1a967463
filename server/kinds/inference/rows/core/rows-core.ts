/** Inference on the ledger of rows, as the core knows it: each question is answered by the file of its rule. */
import { unreachable } from "../../../../../shared/control/unreachable.ts";
import { wholeIdOf } from "../../../../../shared/kinds/inference/parts.ts";
import type { CoreKind, Step } from "../../../../coordinator/core-kind.ts";
import { tellCredit } from "../../../../coordinator/credits.ts";
import { failJob } from "../../../../coordinator/jobs.ts";
import { tellAllCards, tellComers } from "../../core/cards.ts";
import { pauseFailing } from "../../core/failing.ts";
import type { InferenceRequest } from "../../core/work.ts";
import type { HeldRows, RestoredOnRows, RowsOutcome, RowsPurpose, RowsTimer } from "../work.ts";
import { blockEnded, blockOpened, takingRefused } from "./blocks.ts";
import { carryOut } from "./carry-out.ts";
import { certificateWritten } from "./certificates.ts";
import {
  claimAnswered,
  claimComputedOn,
  claimFreed,
  leaveWhereGone,
  ledgerTick,
  partArrived,
  sendClaim,
} from "./claims.ts";
import { compared, compareFailed, knownLooked, lookedCloser, lookKnownFailed } from "./compared.ts";
import { groupsDecoded, groupsNotDecoded } from "./groups.ts";
import { rowsJobRecord } from "./job-record.ts";
import { claimNotSent } from "./leaving-out.ts";
import { advanceRows, beginOnRows, cancelRows, endRows, prepareRows, rowsEnded, rowsPrepared } from "./lifecycle.ts";
import {
  closeOpenRows,
  groupDue,
  postedDurable,
  postedRefused,
  rowsClosed,
  rowsIdle,
  rowsPosted,
} from "./open-rows.ts";
import { openBlockOpened, openTakingRefused, openWindowDue, windowOpened } from "./open-windows.ts";
import { recomputed, recomputeFailed } from "./recompute.ts";
import { type RowAssignment, type RowsJob, rowsJob, rowsJobOf } from "./rows-job.ts";
import { isBeingJudged } from "./takers.ts";
import { charged, confirmRowsFailed, goOnUncheckedRows, purgeRows, rowsConfirmed } from "./trust.ts";

export const rowsCore: CoreKind = {
  queue: {
    /** Of claims that are out: they hold payloads of so many rows. */
    bytesInFlight: ({ rowsOut, stored }: RowsJob) => 4 * rowsOut * (stored.inputSize + stored.outputSize),
    sendOne: (step, job: RowsJob, sending) => through(step, job, () => sendClaim(step, job, sending)),
  },

  jobOf: (restored: RestoredOnRows) => rowsJobOf(restored),
  // [CE12] Parts of one job.
  turnsOf: ({ stored }) => wholeIdOf(stored.jobId),
  record: (job: RowsJob, state) => rowsJobRecord(job, { state }),
  begin(step, job: RowsJob) {
    beginOnRows(step, job);
    tellAllCards(step, job);
  },
  outcome: (step, jobId, effectId, outcome: RowsOutcome) =>
    throughById(step, jobId, (job) => outcomeOf(step, job, effectId, outcome)),
  request: (step, jobId, asked: InferenceRequest) =>
    throughById(step, jobId, (job) => {
      if (asked.type === "goOnUnchecked") goOnUncheckedRows(step, job);
      else if (asked.type === "queriesPosted") rowsPosted(step, job, asked.firstQuery, asked.queryCount);
    }),
  cancel: (step, job: RowsJob) => through(step, job, () => cancelRows(step, job)),
  stop: (step, job: RowsJob) => through(step, job, () => closeOpenRows(step, job)),
  ending: (step, job: RowsJob) => ({ records: endRows(step, job), credited: [...job.contributions.keys()] }),
  ended: rowsEnded,
  persisted: (step, job: RowsJob, purpose: RowsPurpose) => through(step, job, () => persisted(step, job, purpose)),
  refused: (step, job: RowsJob, purpose: RowsPurpose, message) =>
    through(step, job, () => refused(step, job, purpose, message)),
  timer: (step, job: RowsJob, purpose: RowsTimer) => through(step, job, () => timer(step, job, purpose)),

  crowdChanged: (step, job: RowsJob) =>
    through(step, job, () => {
      leaveWhereGone(step, job);
      tellComers(step, job);
    }),
  advance: (step, job: RowsJob) => through(step, job, () => advanceRows(step, job)),

  computedOn: (step, job: RowsJob, assignment: RowAssignment, modelSha256, backend) =>
    through(step, job, () => claimComputedOn(step, job, assignment, modelSha256, backend)),
  answered: (step, assignment: RowAssignment, came?: HeldRows) =>
    throughById(step, assignment.jobId, () => claimAnswered(step, assignment, came)),
  sliced: (step, assignment: RowAssignment, rows: HeldRows) =>
    throughById(step, assignment.jobId, () => partArrived(step, assignment, rows)),
  freed: (step, assignment: RowAssignment, freed) =>
    throughById(step, assignment.jobId, () => claimFreed(step, assignment, freed)),
  failsAt: (_step, { payload }: RowAssignment) => payload.modelSha256,

  isJudging: (job: RowsJob, volunteerId) =>
    isBeingJudged(job, volunteerId) || (job.recomputing.size > 0 && job.devices.has(volunteerId)),
  purge: (step, job: RowsJob, volunteerId) => through(step, job, () => purgeRows(step, job, volunteerId)),
};

/** Whatever happens to a job, its block may say something to it: that is carried out before anything else happens. */
function through<T>(step: Step, job: RowsJob, happens: () => T): T {
  const came = happens();
  carryOut(step, job);
  return came;
}

function throughById(step: Step, jobId: string, happens: (job: RowsJob) => void): void {
  const job = rowsJob(step.state, jobId);
  if (job !== undefined) through(step, job, () => happens(job));
}

function outcomeOf(step: Step, job: RowsJob, effectId: number, outcome: RowsOutcome | PrepareFailed): void {
  switch (outcome.type) {
    case "rowsPrepared":
      return rowsPrepared(step, job, outcome);
    case "claimNotSent":
      return claimNotSent(step, outcome.assignmentId);
    case "prepareFailed":
      return failJob(step, job, outcome.message);
    case "knownLooked":
      return knownLooked(step, job, effectId, outcome);
    case "lookedCloser":
      return lookedCloser(step, job, effectId, outcome);
    case "lookKnownFailed":
      return lookKnownFailed(step, job, effectId, outcome);
    case "recomputed":
      return recomputed(step, job, effectId, outcome);
    case "recomputeFailed":
      return recomputeFailed(step, job, effectId, outcome);
    case "compared":
      return compared(step, job, effectId, outcome);
    case "compareFailed":
      return compareFailed(step, job, effectId, outcome);
    case "groupsDecoded":
      return groupsDecoded(step, job, effectId, outcome);
    case "decodeFailed":
      return groupsNotDecoded(step, job, effectId, outcome);
    case "rowsConfirmed":
      return rowsConfirmed(step, job, effectId, outcome);
    case "confirmRowsFailed":
      return confirmRowsFailed(step, job, effectId, outcome);
    default:
      return unreachable("inference on rows: no such outcome", outcome);
  }
}

interface PrepareFailed {
  readonly type: "prepareFailed";
  readonly message: string;
}

function persisted(step: Step, job: RowsJob, purpose: RowsPurpose): void {
  switch (purpose.type) {
    case "runBegun":
      return prepareRows(step, job);
    case "blockOpened":
      return blockOpened(step, job, purpose.blockId);
    case "charged":
      return charged(step, job, purpose.blockId);
    case "rowsTaken":
      for (const volunteerId of purpose.credited) tellCredit(step, volunteerId);
      return;
    case "blockEnded":
      certificateWritten(step, job);
      return blockEnded(job, purpose.blockId);
    case "certified":
      return certificateWritten(step, job);
    case "rowsPosted":
      return postedDurable(step, job, purpose.endPlace);
    case "rowsClosed":
      return rowsClosed(step, job);
    case "openBlockOpened":
      return openBlockOpened(step, job, purpose);
    case "windowOpened":
      return windowOpened(step, job, purpose);
    case "rowsPrepared":
    case "refused":
    case "placesLeft":
    case "rowsSuspended":
    case "cardsLeftOut":
    case "estimatesMeasured":
      return;
    default:
      return unreachable("inference on rows: no such purpose", purpose);
  }
}

function refused(step: Step, job: RowsJob, purpose: RowsPurpose, message: string): void {
  if (purpose.type === "rowsPosted") return postedRefused(step, job, message);
  if (purpose.type === "windowOpened" || purpose.type === "openBlockOpened")
    return openTakingRefused(step, job, purpose);
  takingRefused(step, job, purpose);
}

function timer(step: Step, job: RowsJob, purpose: RowsTimer): void {
  switch (purpose.type) {
    case "ledgerTick":
      return ledgerTick(step, job);
    case "rowsUnanswered":
      return pauseFailing(step, job);
    case "groupDue":
      return groupDue(job);
    case "rowsIdle":
      return rowsIdle(step, job);
    case "openWindowDue":
      return openWindowDue(job);
    default:
      return unreachable("inference on rows: no such timer", purpose);
  }
}
