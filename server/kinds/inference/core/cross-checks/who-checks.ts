/** Who may answer a row that somebody else answered, so that it counts. SPEC.md CC5. */
import { establishedRows } from "../../../../../shared/verify/cross-checks/partners.ts";
import { isFineClass } from "../../../../../shared/verify/model-class.ts";
import { mayJudge, takesJob } from "../../../../coordinator/choice-rules.ts";
import { isReadyForWork } from "../../../../coordinator/idle-sessions.ts";
import { areOne } from "../../../../coordinator/persons.ts";
import { countReadyVolunteers } from "../../../../coordinator/ranking.ts";
import { isQuarantined } from "../../../../coordinator/reputation-bounds.ts";
import type { CoordinatorState, Session } from "../../../../coordinator/state.ts";
import { isLookedAt } from "../confirmations.ts";
import { hasTurn } from "../has-turn.ts";
import type { InferenceJob } from "../job.ts";
import type { Measured } from "../measured.ts";
import { classOf, expectedClass, isMeasured, isUnfit, measuredIn } from "../model-classes.ts";
import type { JobChecks, PooledRow } from "./job-checks.ts";

/** [CC5] Part of a job's rows, since it began or all tabs could be back, in which rows wait for partners that are still to be measured: more than a coalition's. */
const EARLY_SHARE = 1 / 3;

/**
 * [CC5] [ES5] Of a job that may be cross-checked so few rows are in that a quick coalition could have all of them: who has done its part is given
 * no copies of what others are at. Of a stream whoever is quick may be given all batches anyway.
 */
export function isBeginning({ checks, stored, pace }: InferenceJob): boolean {
  return checks !== null && checks.stream === null && (pace?.rowsTaken ?? 0) < EARLY_SHARE * stored.queryCount;
}

/** Rows after which somebody's word counts for others in this job. */
export function rowsToBeEstablished(state: CoordinatorState, { stored }: InferenceJob): number {
  // Of a stream nobody knows how many rows it will have.
  const rows = stored.crossChecks?.terms?.stream?.ledgerRows ?? stored.queryCount;
  return establishedRows(rows, countReadyVolunteers(state));
}

/** [CC5] Of volunteers, and of address groups. */
export function areMostEstablished(state: CoordinatorState, job: InferenceJob): boolean {
  return state.crowd.partners.haveMost(rowsToBeEstablished(state, job) + 1);
}

/** [CC5] Somebody else, at another address. */
export function mayCheckRow(
  state: CoordinatorState,
  job: InferenceJob,
  checks: JobChecks,
  row: PooledRow,
  session: Session,
): boolean {
  const { volunteerId, addressGroup } = session;
  if (volunteerId === row.author || addressGroup === null || !isElsewhere(state, row, addressGroup)) return false;
  // [DV2]
  return !areOne(state, volunteerId, row.author) && mayCheckOthers(state, job, checks, session);
}

/** [CC5] Whose device computes the model finely, or may be found to. */
export function mayCheckOthers(
  state: CoordinatorState,
  job: InferenceJob,
  checks: JobChecks,
  session: Session,
): boolean {
  const { volunteerId } = session;
  // [CE8] [AS4]
  if (session.home !== null || !hasTurn(state, job, session)) return false;
  if (!isReadyForWork(state, session) || session.precision !== "float32") return false;
  if (isQuarantined(state, volunteerId) || isLookedAt(job, volunteerId) || isUnfit(state, job, session)) return false;
  // [WC3]
  if (!takesJob(state, volunteerId, job) || !mayJudge(state, volunteerId, job)) return false;
  return (
    isFine(state, job, session) || (isUnknown(state, job, session) && isWaitedFor(state, job, checks, volunteerId))
  );
}

/** [PC3] Its device was measured for the model, and computes it in float32. */
function isFine(state: CoordinatorState, job: InferenceJob, session: Session): boolean {
  return isFineClass(classOf(state, measuredNow(job, session)));
}

/** [PC3] Its device is still to be measured for the model. */
function isUnknown(state: CoordinatorState, job: InferenceJob, session: Session): boolean {
  const measured = measuredNow(job, session);
  return !isMeasured(state, measured) && isFineClass(expectedClass(state, measured));
}

function measuredNow(job: InferenceJob, session: Session): Measured {
  return measuredIn(job, null, 0, session);
}

/**
 * [CC5] Those whose devices are measured first may be one party, that was quick: at first rows wait for others too, until these are measured, also
 * where every row is out: of a large crowd the others may be at the only batch that they are given. When every row is in nothing is left to measure
 * anybody by, and those who have a record answer as they are. [CC14] Of a stream the quickest may be given all batches, for as long as it is open.
 */
function isWaitedFor(state: CoordinatorState, job: InferenceJob, checks: JobChecks, volunteerId: string): boolean {
  const { wereAllIn, rowsTaken, begunAtRow, stream } = checks;
  if (stream !== null) return true;
  if (wereAllIn) return (state.volunteers.get(volunteerId)?.rowsTaken ?? 0) >= rowsToBeEstablished(state, job);
  return rowsTaken - begunAtRow < EARLY_SHARE * job.stored.queryCount;
}

/** [PC3] It waits for no batch by which its device is measured: it may be given none. Where it differs the row is computed. */
export function mayAnswerNow(state: CoordinatorState, job: InferenceJob, checks: JobChecks, session: Session): boolean {
  return checks.stream !== null || checks.wereAllIn || !isUnknown(state, job, session);
}

/** Where an author's address is not known from its answer, for that came before a restart, it is where its author is now. */
function isElsewhere(state: CoordinatorState, row: PooledRow, addressGroup: string): boolean {
  if (row.addressGroup !== null) return row.addressGroup !== addressGroup;
  const sessionIds = [...(state.volunteers.get(row.author)?.sessionIds ?? [])];
  const groups = sessionIds.map((sessionId) => state.sessions.get(sessionId)?.addressGroup ?? null);
  return groups.length > 0 && groups.every((group) => group !== null && group !== addressGroup);
}
