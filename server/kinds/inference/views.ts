/** What people are shown: plain projections of the coordinator's state and of a job's answers. */

import { SCHEMES } from "../../../shared/coding/schemes/schemes.ts";
import {
  ANSWER_MARKS,
  type AnswerFilter,
  type AnswerMark,
  type AnswersPage,
  type AnswerView,
} from "../../../shared/kinds/inference/answers.ts";
import type { CodeView, InferenceJobView } from "../../../shared/kinds/inference/job-view.ts";
import { wholeIdOf } from "../../../shared/kinds/inference/parts.ts";
import { ANSWERS_PAGE_NUMBERS_MAX } from "../../../shared/protocol/limits.ts";
import { wilsonLower } from "../../../shared/verify/wilson.ts";
import { liarSharesBefore } from "../../coordinator/reputation-bounds.ts";
import type { CoordinatorState } from "../../coordinator/state.ts";
import { checkingView } from "./checking-view.ts";
import { isStrict } from "./core/batch-bounds.ts";
import { planInference } from "./core/inference-plan.ts";
import { whyNotComputed } from "./core/not-computed.ts";
import {
  type CountedTaking,
  countTakings,
  namingOf,
  type StandingAnswers,
  type Taking,
  takingBy,
  takingKey,
} from "./core/taken-back.ts";
import { roundCountOf } from "./earlier-rounds.ts";
import type { AnswerKind } from "./engine/answer-kinds.ts";
import { type JobAnswers, MARK } from "./engine/job-answers.ts";
import { ambiguityOf, boundsOf, finalityOf, type IsFinal, type RecordsAtEnd, sharesOf } from "./finality.ts";
import { inPieces, LOOKED_UP } from "./in-pieces.ts";
import type { AllAnswers } from "./port.ts";
import type { StoredJob } from "./records.ts";
import { isAudited } from "./rows/core/open-rows.ts";

/** A view of a job that moves no more, with what its answers' finality rests on. */
export interface EndedView {
  readonly view: InferenceJobView;
  readonly finality: readonly CountedFinality[];
  readonly inputSize: number;
}

/** So many answers that are alike in this. */
export interface CountedFinality {
  readonly count: number;
  /** Final as long as none of these is named; null: it is not final. */
  readonly rests: readonly string[] | null;
  /** [TB1] What took back their `final` while the job ran; null: nothing did. */
  readonly taken: Taking | null;
}

/** [TB2] Of a job that has ended: how many are final by now, and of how many that was taken back. */
export function finalByNow(
  state: CoordinatorState,
  finality: readonly CountedFinality[],
): Pick<InferenceJobView, "finalCount" | "takenBackCount"> {
  let [finalCount, takenBackCount] = [0, 0];
  for (const { count, taking, isFinal } of standingByNow(state, finality)) {
    if (isFinal) finalCount += count;
    if (taking !== null) takenBackCount += count;
  }
  return { finalCount, ...(takenBackCount === 0 ? {} : { takenBackCount }) };
}

/** [TB2] Of a job that has ended each taking by now; none of its answers is read for it. */
export function takingsByNow(state: CoordinatorState, finality: readonly CountedFinality[]): CountedTaking[] {
  return countTakings(standingByNow(state, finality));
}

function standingByNow(state: CoordinatorState, finality: readonly CountedFinality[]): StandingAnswers[] {
  return finality.map(({ count, rests, taken }) => {
    const naming = rests === null ? null : namingOf(state, rests);
    return { count, taking: naming ?? taken, isFinal: rests !== null && naming === null };
  });
}

export function endedJobView(
  state: CoordinatorState,
  job: StoredJob,
  answers: JobAnswers,
  records: RecordsAtEnd,
  roundsStored: number,
): EndedView {
  const isFinal = finalityOf(state, job, answers, records, NOBODY);
  const opinions = new Map<string, IsFinal>();
  const finality = [...answers.kinds.counts()].map(([kind, count]): CountedFinality => {
    const { mark, source, taking: taken } = kind;
    if (!isFinal(kind)) return { count, rests: null, taken };
    if (mark !== MARK.audited || source === null) return { count, rests: [], taken };
    const { volunteerId, opinionBy } = source;
    return { count, rests: leansOnOpinion(kind, opinionBy) ? [volunteerId, opinionBy!] : [volunteerId], taken };
  });
  const view = countedView(
    job,
    answers,
    () => false,
    job.rows === true ? job.queryCount : roundCountOf(job, roundsStored),
  );
  return { view: { ...view, ...finalByNow(state, finality) }, finality, inputSize: job.inputSize };

  /** Would it not be final, had this one said nothing? */
  function leansOnOpinion(kind: AnswerKind, opinionBy: string | null): boolean {
    if (opinionBy === null) return false;
    const without =
      opinions.get(opinionBy) ?? finalityOf(state, job, answers, records, (volunteerId) => volunteerId === opinionBy);
    opinions.set(opinionBy, without);
    return !without(kind);
  }
}

/** Whom some would believe: everybody. */
const NOBODY = () => false;

/**
 * [TB1] What took back the `final` of an answer: of one that stands, that it would be final were nobody named and the share of liars what it was
 * until then, whatever was taken back of its query before; null: nothing did.
 */
export function takingsOf(
  state: CoordinatorState,
  { job, answers, durableRecords }: AnswersOfJob,
): (kind: AnswerKind) => Taking | null {
  const isFinal = finalityOf(state, job, answers, durableRecords);
  const until = new Map<number, IsFinal>();
  return (kind) => {
    const taking = kind.source === null ? null : takingBy(state, kind.source);
    return taking !== null && !isFinal(kind) && wouldBe(taking)(kind) ? taking : kind.taking;
  };

  /** A naming raises the share of liars too, and with it the very bounds that it takes back. */
  function wouldBe({ atMs }: Taking): IsFinal {
    const known = until.get(atMs);
    if (known !== undefined) return known;
    const shares = job.liarShare === null ? liarSharesBefore(state, atMs) : sharesOf(state, job);
    const isFinalUntil = finalityOf(state, job, answers, durableRecords, NOBODY, shares);
    until.set(atMs, isFinalUntil);
    return isFinalUntil;
  }
}

/** [TB1] As `takingsOf`, of a job that is about to be one that nothing checks: whatever is final by now. */
export function takingsByDoubt(
  state: CoordinatorState,
  { job, answers, durableRecords }: AnswersOfJob,
  reason: string,
): (kind: AnswerKind) => Taking | null {
  const isFinal = finalityOf(state, job, answers, durableRecords);
  const taking = { atMs: Math.round(state.nowMs), volunteerId: null, reason };
  return (kind) => (kind.mark === MARK.audited && isFinal(kind) ? taking : null);
}

/** [TB1] Each taking of a job, and how many answers it took back. */
export function takingsIn(state: CoordinatorState, found: AnswersOfJob): CountedTaking[] {
  if (state.quarantinedCount === 0 && found.answers.takings.length === 0) return [];
  const takingOf = takingsOf(state, found);
  const isFinal = finalityOf(state, found.job, found.answers, found.durableRecords);
  const kinds = [...found.answers.kinds.counts()];
  return countTakings(kinds.map(([kind, count]) => ({ count, taking: takingOf(kind), isFinal: isFinal(kind) })));
}

/** [TB3] The queries of each taking, ascending, by its key. */
export async function queriesTakenBack(state: CoordinatorState, found: AnswersOfJob): Promise<Map<string, number[]>> {
  const takingOf = takingsOf(state, found);
  const queries = new Map<string, number[]>();
  const note = (query: number) => {
    const taking = takingOf(found.answers.kinds.kindOf(query));
    if (taking === null) return;
    const key = takingKey(taking);
    const sofar = queries.get(key);
    if (sofar === undefined) queries.set(key, [query]);
    else sofar.push(query);
  };
  const { queryCount } = found.job;
  await inPieces(queryCount, LOOKED_UP, (start, asked) => {
    const end = Math.min(asked, found.answers.queryCount);
    for (let query = start; query < end; query++) note(query);
  });
  return queries;
}

/** [CE10] */
export function wholeOf({ jobId, part }: StoredJob): Pick<InferenceJobView, "partOf"> {
  return part === undefined ? {} : { partOf: { jobId: wholeIdOf(jobId)!, firstQuery: part.firstQuery } };
}

export function countedView(
  job: StoredJob,
  answers: JobAnswers,
  isFinal: IsFinal,
  roundCount: number,
): InferenceJobView {
  const { submission } = job;
  const plan = planInference(job);
  const answersByMark = answers.countByMark();
  const isAmbiguous = ambiguityOf(job);
  let [finalCount, labelAmbiguousCount] = [0, 0];
  for (const [kind, count] of answers.kinds.counts()) {
    if (isFinal(kind)) finalCount += count;
    if (isAmbiguous(kind)) labelAmbiguousCount += count;
  }
  return {
    jobId: job.jobId,
    name: submission.name,
    submitter: submission.submitter,
    ...(submission.purpose === undefined ? {} : { purpose: submission.purpose }),
    kind: "inference",
    scheme: submission.scheme,
    queriesPerGroup: plan.scheme.queryCount,
    stragglers: plan.scheme.parameters.stragglerCount,
    liars: plan.scheme.parameters.liarCount,
    ...(submission.aim === undefined ? {} : { aim: submission.aim, codes: codeViews(job) }),
    workerCount: plan.scheme.workerCount,
    completion: submission.completion,
    state: job.state,
    waitingFor: null,
    error: job.error,
    queryCount: job.queryCount,
    roundCount,
    roundsDone: job.state === "done" ? roundCount : 0,
    answersByMark,
    ...(job.notComputed === undefined ? {} : { notComputed: [...job.notComputed] }),
    finalCount,
    ...(job.namesSha256 === undefined ? {} : { keepsNames: true as const }),
    ...(job.redoOf === undefined ? {} : { redoOf: job.redoOf.jobId }),
    ...wholeOf(job),
    ...(job.redoneBy === undefined ? {} : { redoneBy: [...job.redoneBy] }),
    labelAmbiguousCount,
    submittedMs: job.submittedMs,
    // [JB2] Nobody is told of an end that a crash could still take back.
    finishedMs: job.state === "finishing" ? null : job.finishedMs,
    remainingMs: null,
    accuracy: accuracyOf(answers),
    auditedRows: job.auditedRows,
    failedAudits: job.failedAudits,
    ...checkingView(job),
    ...(submission.source.kind === "stream" ? { stream: streamView(job, submission.source) } : {}),
  };
}

function streamView(
  { isOpen, crossChecks, rows }: StoredJob,
  source: Extract<StoredJob["submission"]["source"], { readonly kind: "stream" }>,
): NonNullable<InferenceJobView["stream"]> {
  const { closeAfterMs, idleMs } = source;
  const hasAudits = rows === true ? isAudited(source) : (crossChecks?.terms ?? null) === null;
  const checks = hasAudits ? "audits" : "cross-checks";
  return { isOpen, closeAfterMs, idleMs, checks };
}

export function codeViews({ codes }: StoredJob): CodeView[] {
  return codes.map(({ firstPlace: _place, atMs, ...code }) => ({ ...code, chosenMs: atMs }));
}

/** Share of the answered queries that hit their label; null before the first answer, and where no labels are known. */
function accuracyOf({ kinds }: JobAnswers): number | null {
  let [hits, answered] = [0, 0];
  for (const [{ mark, isRight }, count] of kinds.counts()) {
    if (mark === MARK.missing || isRight === null) continue;
    answered += count;
    if (isRight) hits += count;
  }
  return answered === 0 ? null : hits / answered;
}

export function answersPage(
  state: CoordinatorState,
  found: AnswersOfJob,
  offset: number,
  limit: number,
  { only, isTouched }: Selection = ALL_ANSWERS,
): AnswersPage {
  const { job, answers, durableRecords } = found;
  const isFinal = finalityOf(state, job, answers, durableRecords);
  const takingOf = takingsOf(state, found);
  const isTakenBack: IsFinal = (kind) => takingOf(kind) !== null;
  const asked =
    only === "all"
      ? null
      : selected(job, answers, { isFinal, isAmbiguous: ambiguityOf(job), isTakenBack, isTouched }, only);
  const matching = asked?.length ?? job.queryCount;
  const room = Math.max(1, Math.floor(ANSWERS_PAGE_NUMBERS_MAX / job.outputSize));
  const end = Math.max(offset, Math.min(matching, offset + Math.min(limit, room)));
  const queries = Array.from({ length: end - offset }, (_, place) => asked?.[offset + place] ?? offset + place);
  return { queryCount: job.queryCount, matching, offset, answers: answerViews(state, found, queries) };
}

/** These answers, in that order. */
export function answerViews(state: CoordinatorState, found: AnswersOfJob, queries: readonly number[]): AnswerView[] {
  const { job, answers, records, durableRecords } = found;
  const takingOf = takingsOf(state, found);
  const boundOf = boundsOf(state, job, answers, records);
  const isFinal = finalityOf(state, job, answers, durableRecords);
  const isAmbiguous = ambiguityOf(job);
  const confidence = confidenceOf(job);
  const leansOnRecord = recordsUsedBy(job);
  const { kinds } = answers;
  return queries.map((query) => {
    const taking = takingOf(kinds.kindOf(query));
    const mark = ANSWER_MARKS[answers.marks[query]!]!;
    const why = mark === "non-finite" ? whyNotComputed(job, query) : null;
    const bound = mark === "exact" ? 0 : mark === "audited" ? boundOf(kinds.kindOf(query)) : null;
    return {
      index: query,
      label: isBlank(mark) || !answers.hasLabels ? null : answers.labels[query]!,
      outputs: isBlank(mark) ? [] : [...answers.outputs.subarray(query * job.outputSize, (query + 1) * job.outputSize)],
      mark,
      ...(why === null ? {} : { cannotBeComputed: why }),
      final: isFinal(kinds.kindOf(query)),
      labelAmbiguous: isAmbiguous(kinds.kindOf(query)),
      bound,
      ...(mark === "audited" && leansOnRecord(kinds.kindOf(query)) ? { averagedOverService: true } : {}),
      confidence: mark === "estimated" ? (answers.confidenceOf(query) ?? confidence) : null,
      volunteerId: answers.sources.volunteerOf(query),
      first: answers.hasFirst(query)
        ? {
            label: answers.hasLabels ? answers.firstLabels[query]! : null,
            mark: ANSWER_MARKS[answers.firstMarks[query]!]!,
          }
        : null,
      ...(taking === null ? {} : { takenBack: taking }),
    };
  });
}

/** [CK2] Do bounds of such answers rest on volunteers' records in other jobs? */
function recordsUsedBy(job: StoredJob): (kind: AnswerKind) => boolean {
  const { scheme, liars } = job.submission;
  const isAudited = SCHEMES[scheme].verificationOf(liars) === "audits" && !isStrict(job);
  return ({ isCrossChecked }) => isAudited && !isCrossChecked;
}

/** No numbers that could be told. */
function isBlank(mark: AnswerMark): boolean {
  return mark === "missing" || mark === "non-finite";
}

/** Which answers a page is made of. */
export interface Selection {
  readonly only: AnswerFilter;
  /** Did somebody who was quarantined have a part in this query's round? */
  isTouched(query: number): boolean;
}
const ALL_ANSWERS: Selection = { only: "all", isTouched: () => false };

/** The queries of an answer filter, ascending. */
function selected(
  job: StoredJob,
  answers: JobAnswers,
  {
    isFinal,
    isAmbiguous,
    isTakenBack,
    isTouched,
  }: Record<"isFinal" | "isAmbiguous" | "isTakenBack", IsFinal> & Pick<Selection, "isTouched">,
  only: AnswerFilter,
): number[] {
  const belongs = (query: number): boolean => {
    switch (only) {
      case "all":
        return true;
      case "estimated":
        return answers.marks[query] === MARK.estimated;
      case "estimated-first":
        return answers.firstMarks[query] === MARK.estimated;
      case "not-final":
        return !isFinal(answers.kinds.kindOf(query));
      case "label-ambiguous":
        return isAmbiguous(answers.kinds.kindOf(query));
      case "touched":
        return isTouched(query);
      case "taken-back":
        return isTakenBack(answers.kinds.kindOf(query));
    }
  };
  return Array.from({ length: job.queryCount }, (_, query) => query).filter(belongs);
}

/** What the answers of a job are shown from, whether it runs or has ended. */
export interface AnswersOfJob {
  readonly job: StoredJob;
  readonly answers: JobAnswers;
  readonly records: RecordsAtEnd;
  /** Of a job that runs: what of its volunteers' records is durable. Of one that has ended: the same as records. */
  readonly durableRecords: RecordsAtEnd;
}

/** Of a job at work each answer as it was at one moment, though not all of them at the same one. */
export async function allAnswers(
  state: CoordinatorState,
  { job, answers, records, durableRecords }: AnswersOfJob,
): Promise<AllAnswers> {
  const { queryCount, outputSize } = job;
  const boundOf = boundsOf(state, job, answers, records);
  const isFinal = finalityOf(state, job, answers, durableRecords);
  const isAmbiguous = ambiguityOf(job);
  const confidence = confidenceOf(job);
  const isAtWork = job.finishedMs === null;
  const outputs = isAtWork ? new Float32Array(queryCount * outputSize) : answers.outputs;
  const marks = isAtWork ? new Uint8Array(queryCount) : answers.marks;
  const labels = isAtWork ? new Int32Array(queryCount) : answers.labels;
  const labelAmbiguous = new Uint8Array(queryCount);
  const final = new Uint8Array(queryCount);
  const bounds = new Float64Array(queryCount).fill(Number.NaN);
  const confidences = new Float64Array(queryCount).fill(Number.NaN);
  const note = (query: number) => {
    const kind = answers.kinds.kindOf(query);
    const { mark } = kind;
    if (mark === MARK.exact) bounds[query] = 0;
    else if (mark === MARK.audited) bounds[query] = boundOf(kind);
    else if (mark === MARK.estimated) confidences[query] = answers.confidenceOf(query) ?? confidence ?? Number.NaN;
    if (isFinal(kind)) final[query] = 1;
    if (isAmbiguous(kind)) labelAmbiguous[query] = 1;
  };
  await inPieces(queryCount, LOOKED_UP + outputSize, (start, asked) => {
    // What was posted to a stream, and could not be made durable, may have been taken back by now.
    const end = Math.min(asked, answers.queryCount);
    if (isAtWork) {
      outputs.set(answers.outputs.subarray(start * outputSize, end * outputSize), start * outputSize);
      marks.set(answers.marks.subarray(start, end), start);
      labels.set(answers.labels.subarray(start, end), start);
    }
    for (let query = start; query < end; query++) note(query);
  });
  const told = { final, labelAmbiguous, bounds, confidences };
  return { queryCount, outputSize, outputs, labels: answers.hasLabels ? labels : null, marks, ...told };
}

/** The lower bound of how often estimates of answered rows had their label; null where none could be compared. */
export function confidenceOf(job: StoredJob): number | null {
  return job.heldOutTotal === 0 ? null : wilsonLower(job.heldOutAgreed, job.heldOutTotal);
}
