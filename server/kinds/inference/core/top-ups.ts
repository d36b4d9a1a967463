/** Records that are too short for their job's bound are filled up when all its rounds are durable. SPEC.md JB4. */
import { AUDIT_TOP_UP_SHARE_MAX } from "../../../../shared/protocol/limits.ts";
import type { Step } from "../../../coordinator/core-kind.ts";
import { auditsNeededAmong, liarShares } from "../../../coordinator/reputation-bounds.ts";
import type { CoordinatorState } from "../../../coordinator/state.ts";
import { emitNumerics } from "../../../coordinator/step-context.ts";
import type { LiarShares } from "../../../coordinator/verified-work.ts";
import { batchBound, recordIn } from "./batch-bounds.ts";
import type { BatchSource } from "./batch-source.ts";
import { auditRowsLeft } from "./batches.ts";
import type { InferenceJob } from "./job.ts";
import type { InferenceWork } from "./work.ts";

export function requestTopUps(step: Step, job: InferenceJob): void {
  const { state } = step;
  const left = () => {
    const rowsMax = Math.ceil(job.stored.queryCount * AUDIT_TOP_UP_SHARE_MAX);
    return Math.min(rowsMax - job.topUpRows, auditRowsLeft(state, job));
  };
  if (left() <= 0) return;
  for (const { volunteerId, missing } of tooUnsure(state, job)) {
    const rows = Math.min(missing, left());
    if (rows <= 0) return;
    job.topUpRows += rows;
    job.auditRowsAsked += rows;
    job.topUps.set(volunteerId, emitNumerics<InferenceWork>(step, job, { type: "topUp", volunteerId, rows }));
  }
}

interface Unsure {
  readonly volunteerId: string;
  /** Audits that its record lacks. */
  readonly missing: number;
}

/** Volunteers whose rows are not being audited further and can be, in the order of their first batches above the bound. */
export function tooUnsure(state: CoordinatorState, job: InferenceJob): Unsure[] {
  const shares = liarShares(state);
  const needed = auditsNeededAmong(shares, job.stored.submission.answerBound);
  const found: Unsure[] = [];
  for (const [volunteerId, alike] of job.finishedRounds.audited()) {
    if (!state.volunteers.has(volunteerId)) continue;
    if (job.topUps.has(volunteerId) || job.topUpExhausted.has(volunteerId)) continue;
    const missing = needed - recordIn(state, job, volunteerId);
    if (missing <= 0) continue;
    for (const { source, batchRows } of alike) {
      if (!isAbove(state, job, shares, source, batchRows)) continue;
      found.push({ volunteerId, missing });
      break;
    }
  }
  if (found.length < 2) return found;
  const places = new Map(found.map(({ volunteerId }) => [volunteerId, firstAbove(state, job, shares, volunteerId)]));
  const placeOf = ({ volunteerId }: Unsure) => places.get(volunteerId) ?? NOWHERE;
  return found.sort((a, b) => placeOf(a).turn - placeOf(b).turn || placeOf(a).workerIndex - placeOf(b).workerIndex);
}

interface Place {
  readonly turn: number;
  readonly workerIndex: number;
}

const NOWHERE: Place = { turn: Number.MAX_SAFE_INTEGER, workerIndex: 0 };

function firstAbove(state: CoordinatorState, job: InferenceJob, shares: LiarShares, volunteerId: string): Place {
  const { finishedRounds } = job;
  for (const [roundIndex, { sources }] of finishedRounds.partsOf(volunteerId)) {
    const workerIndex = sources.findIndex((source, worker) => {
      if (source?.volunteerId !== volunteerId || source.coins !== undefined) return false;
      const batchRows = finishedRounds.rowsOf(roundIndex, worker);
      return batchRows !== null && isAbove(state, job, shares, source, batchRows);
    });
    if (workerIndex >= 0) return { turn: finishedRounds.turnOf(roundIndex), workerIndex };
  }
  return NOWHERE;
}

function isAbove(
  state: CoordinatorState,
  job: InferenceJob,
  shares: LiarShares,
  source: BatchSource,
  batchRows: number,
): boolean {
  const record = recordIn(state, job, source.volunteerId);
  return batchBound(state, source, batchRows, shares, record) > job.stored.submission.answerBound;
}
