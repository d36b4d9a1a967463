/** What is kept of a job's durable rounds, found again by a walk over all of them: tests and the simulator hold the one against the other. */
import { auditsNeededAmong, liarShares } from "../../../coordinator/reputation-bounds.ts";
import type { CoordinatorState } from "../../../coordinator/state.ts";
import { batchBound, recordIn } from "../core/batch-bounds.ts";
import { batchRowsOf, isRawWorker } from "../core/inference-plan.ts";
import type { InferenceJob } from "../core/job.ts";
import { tooUnsure } from "../core/top-ups.ts";

/** @returns one sentence for each thing that is kept wrongly */
export function wronglyKeptDurable(state: CoordinatorState, job: InferenceJob): string[] {
  const unsure = tooUnsure(state, job).map(({ volunteerId, missing }) => `${volunteerId} ${missing}`);
  const kept = new Map([["records that are too short", unsure.join()]]);
  const walked = new Map([["records that are too short", unsureByWalk(state, job).join()]]);
  for (const [volunteerId, rounds] of partsByWalk(job)) {
    const what = `rounds of ${volunteerId}`;
    walked.set(what, rounds.join());
    const parts = job.finishedRounds.partsOf(volunteerId).map(([roundIndex]) => roundIndex);
    kept.set(what, parts.join());
  }
  for (const [what, count] of auditedByWalk(job)) walked.set(what, String(count));
  for (const [volunteerId, alike] of job.finishedRounds.audited()) {
    for (const { source, batchRows, count } of alike)
      kept.set(nameOf(volunteerId, source.auditedRows, batchRows, source.opinionBy), String(count));
  }
  return [...new Set([...walked.keys(), ...kept.keys()])].flatMap((what) => {
    const [walk, is] = [walked.get(what), kept.get(what)];
    const said = `[EV5] of job ${job.stored.jobId} a walk over durable rounds finds ${what}: ${walk}, ${is} is kept`;
    return walk === is ? [] : [said];
  });
}

function partsByWalk({ finishedRounds }: InferenceJob): Map<string, number[]> {
  const parts = new Map<string, number[]>();
  for (const [roundIndex, { sources }] of finishedRounds) {
    const here = new Set(
      sources.flatMap((source) =>
        source === null ? [] : [source.volunteerId, source.opinionBy ?? source.volunteerId],
      ),
    );
    for (const volunteerId of here) parts.set(volunteerId, [...(parts.get(volunteerId) ?? []), roundIndex]);
  }
  return parts;
}

function auditedByWalk({ finishedRounds, schedule }: InferenceJob): Map<string, number> {
  const counts = new Map<string, number>();
  for (const [roundIndex, { sources }] of finishedRounds) {
    const plan = schedule.planOf(roundIndex);
    sources.forEach((source, workerIndex) => {
      if (source === null || source.coins !== undefined || !isRawWorker(plan, workerIndex)) return;
      const { volunteerId, auditedRows, opinionBy } = source;
      const name = nameOf(volunteerId, auditedRows, batchRowsOf(plan, roundIndex, workerIndex), opinionBy);
      counts.set(name, (counts.get(name) ?? 0) + 1);
    });
  }
  return counts;
}

function nameOf(volunteerId: string, auditedRows: number, batchRows: number, opinionBy: string | null): string {
  return `batches of ${volunteerId}, of ${batchRows} rows, ${auditedRows} audited, agreed to by ${opinionBy}`;
}

/** [JB4] Each volunteer where its first batch above the bound is. */
function unsureByWalk(state: CoordinatorState, job: InferenceJob): string[] {
  const shares = liarShares(state);
  const { answerBound } = job.stored.submission;
  const unsure = new Set<string>();
  for (const [roundIndex, { sources }] of job.finishedRounds) {
    const plan = job.schedule.planOf(roundIndex);
    sources.forEach((source, workerIndex) => {
      if (source === null || source.coins !== undefined || !isRawWorker(plan, workerIndex)) return;
      const record = recordIn(state, job, source.volunteerId);
      const batchRows = batchRowsOf(plan, roundIndex, workerIndex);
      if (batchBound(state, source, batchRows, shares, record) > answerBound) unsure.add(source.volunteerId);
    });
  }
  return [...unsure].flatMap((volunteerId) => {
    const isAsked = job.topUps.has(volunteerId) || job.topUpExhausted.has(volunteerId);
    const missing = auditsNeededAmong(shares, answerBound) - recordIn(state, job, volunteerId);
    return state.volunteers.has(volunteerId) && !isAsked && missing > 0 ? [`${volunteerId} ${missing}`] : [];
  });
}
