/** The receipt of an inference job that has ended, from what is durable: the same after every restart. */
import type { InferenceReceipt, VolunteerReceipt } from "../../../shared/kinds/inference/receipt.ts";
import { withoutOwnNames } from "../../../shared/kinds/own-names.ts";
import type { CoordinatorState } from "../../coordinator/state.ts";
import { sha256Hex } from "../../sha256-hex.ts";
import type { Store, StoredContribution, StoredRound } from "../../store/store.ts";
import { checkingView } from "./checking-view.ts";
import { planInference } from "./core/inference-plan.ts";
import { groupCountOf, roundCountOf } from "./earlier-rounds.ts";
import { MARK } from "./engine/job-answers.ts";
import { decodePlan } from "./engine/stored-plan.ts";
import { inPieces, LOOKED_UP } from "./in-pieces.ts";
import type { StoredJob } from "./records.ts";
import { blockOf } from "./rows/engine/blocks.ts";
import { rowsReceipt } from "./rows/told/rows-told.ts";
import { type AnswersOfJob, allAnswers, codeViews, confidenceOf, wholeOf } from "./views.ts";
import { answersSha256, marksNpy } from "./web/answer-files.ts";

/**
 * @param found a job that has ended
 * @param queriesSha256 null: its queries are not kept any more
 */
export async function receiptOf(
  store: Pick<Store, "rounds" | "blocks" | "contributions">,
  state: CoordinatorState,
  found: AnswersOfJob,
  queriesSha256: string | null,
): Promise<InferenceReceipt> {
  const { job, answers } = found;
  const { scheme, verification } = planInference(job);
  const onRows = job.rows === true;
  // Rounds of an earlier version lie there still where a job was begun again.
  const rounds = onRows ? [] : await store.rounds(job.jobId);
  const contributions = await store.contributions(job.jobId);
  const files = await allAnswers(state, found);
  const answerBound = job.submission.answerBound;
  const byVolunteer = new Map<string, { answers: number; bound: number | null }>();
  let [final, labelAmbiguous, boundMax, wrongExpectedMax] = [0, 0, Number.NEGATIVE_INFINITY, 0];
  const count = (query: number) => {
    const mark = answers.marks[query];
    const bound = files.bounds[query]!;
    final += files.final[query]!;
    labelAmbiguous += files.labelAmbiguous[query]!;
    if (mark === MARK.audited) {
      boundMax = Math.max(boundMax, bound);
      wrongExpectedMax += bound;
    }
    const volunteerId = answers.sources.volunteerOf(query);
    if (volunteerId === null) return;
    const own = byVolunteer.get(volunteerId) ?? { answers: 0, bound: null };
    own.answers++;
    if (mark === MARK.audited) own.bound = Math.max(own.bound ?? 0, bound);
    byVolunteer.set(volunteerId, own);
  };
  await inPieces(job.queryCount, LOOKED_UP, (start, end) => {
    for (let query = start; query < end; query++) count(query);
  });
  let takenBack = 0;
  for (const [{ taking }, alike] of answers.kinds.counts()) if (taking !== null) takenBack += alike;
  return {
    jobId: job.jobId,
    kind: "inference",
    submission: withoutOwnNames(job.submission),
    ...(job.redoOf === undefined ? {} : { redoOf: job.redoOf }),
    ...wholeOf(job),
    state: job.state as InferenceReceipt["state"],
    error: job.error,
    code: {
      scheme: scheme.name,
      queriesPerGroup: scheme.queryCount,
      stragglers: scheme.parameters.stragglerCount,
      liars: scheme.parameters.liarCount,
      workers: scheme.workerCount,
      groups: groupsOf(job, rounds),
      ...(onRows ? {} : { rounds: roundCountOf(job, rounds.length), roundsDone: rounds.length }),
      ...(job.submission.aim === undefined ? {} : { inForce: codeViews(job) }),
    },
    verification: job.unchecked === null ? verification : "none",
    hashes: {
      model: job.modelSha256,
      parityModel: job.parity?.modelSha256 ?? null,
      queries: queriesSha256,
      labels: job.labelsSha256,
      answers: await answersSha256(files),
      marks: sha256Hex(marksNpy(files)),
    },
    answers: {
      queryCount: job.queryCount,
      byMark: answers.countByMark(),
      final,
      labelAmbiguous,
      ...(takenBack === 0 ? {} : { takenBack }),
      boundOfJob: answerBound,
      boundMax: boundMax >= 0 ? boundMax : null,
      wrongExpectedMax,
    },
    estimates: estimatesOf(job),
    audits: { rows: job.auditedRows, failedRows: job.failedAudits },
    ...(job.notComputed === undefined ? {} : { notComputed: [...job.notComputed] }),
    ...ledgersOf(job),
    ...checkingView(job),
    volunteers: contributions.map((contribution) =>
      volunteerOf(state, contribution, byVolunteer.get(contribution.volunteerId)),
    ),
    ...(onRows ? { rows: rowsReceipt(job, (await store.blocks(job.jobId)).map(blockOf)) } : {}),
    redone: {
      ...(onRows
        ? {}
        : {
            rounds: rounds.reduce((sum, { generation }) => sum + generation, 0),
            assignments: contributions.reduce((sum, { withdrawnAssignments }) => sum + withdrawnAssignments, 0),
          }),
      rows: contributions.reduce((sum, { withdrawnRows }) => sum + withdrawnRows, 0),
    },
    submittedMs: job.submittedMs,
    finishedMs: job.finishedMs ?? job.submittedMs,
  };
}

/** @param rounds that are stored of a job that ended in rounds: a stream had the groups of these */
function groupsOf(job: StoredJob, rounds: readonly StoredRound[]): number {
  if (job.queriesSha256 === null) return rounds.reduce((sum, { plan }) => sum + decodePlan(plan).batchRows, 0);
  if (job.rows !== true) return groupCountOf(job);
  return Math.ceil(job.queryCount / planInference(job).scheme.queryCount);
}

/** [CC14] */
function ledgersOf({ crossChecks }: StoredJob): Pick<InferenceReceipt, "ledgers"> {
  const { terms = null, ledgers = [] } = crossChecks ?? {};
  if (terms?.stream === undefined) return {};
  const certified = ledgers.filter(({ bound }) => bound < 1).length;
  const audited = ledgers.filter(({ isAudited }) => isAudited === true).length;
  const { checkShare, stream } = terms;
  return { ledgers: { rows: stream.ledgerRows, checkShare, begun: ledgers.length, certified, audited } };
}

function estimatesOf(job: StoredJob): InferenceReceipt["estimates"] {
  const confidence = confidenceOf(job);
  return confidence === null ? null : { agreed: job.heldOutAgreed, compared: job.heldOutTotal, confidence };
}

function volunteerOf(
  state: CoordinatorState,
  {
    jobId: _jobId,
    auditsPassedAtEnd: record,
    trustedRows: _trusted,
    boundAtEnd: _bound,
    ...counts
  }: StoredContribution,
  own: { answers: number; bound: number | null } | undefined,
): VolunteerReceipt {
  const volunteer = state.volunteers.get(counts.volunteerId);
  return {
    ...counts,
    ...(record == null ? {} : { recordAtEnd: record }),
    nickname: volunteer?.nickname ?? "",
    answers: own?.answers ?? 0,
    bound: own?.bound ?? null,
    quarantine: volunteer?.quarantine ?? null,
  };
}
