/** From what the API says about a job to the figures of one row of the demo's table. */

import { argmax } from "../../server/kinds/inference/engine/argmax.ts";
import { ANSWER_MARKS, type AnswerMark, type AnswerView } from "../../shared/kinds/inference/answers.ts";
import { PRECISION_TOLERANCE, type PrecisionClass, rowAgrees } from "../../shared/verify/compare-rows.ts";

export interface QuarantinedTab {
  readonly name: string;
  /** Its faults, as a profile. */
  readonly faults: string;
  readonly job: "warm-up" | "counted";
  readonly reason: string;
}

export interface SchemeFigures {
  readonly name: string;
  readonly workers: number;
  /** Share of right labels among the first answers, those that are missing counted as wrong. */
  readonly overallFirst: number;
  /** The same among the first answers that were estimates; null where there were none. */
  readonly degradedFirst: number | null;
  readonly finalAccuracy: number;
  /** When half of the queries, and nineteen of twenty, had an answer: ms from the submission on; null: they never had. */
  readonly firstMsP50: number | null;
  readonly firstMsP95: number | null;
  /** The same of final answers. */
  readonly exactMsP50: number | null;
  readonly exactMsP95: number | null;
  readonly jobMs: number;
  readonly ratioToUncoded: number;
  readonly answersByMark: Readonly<Record<AnswerMark, number>>;
  /** Of these, how many are not what the base model says, within tolerance. */
  readonly wrongByMark: Readonly<Record<AnswerMark, number>>;
  readonly quarantined: readonly QuarantinedTab[];
}

/** How far a job was when somebody looked. */
export interface JobSeen {
  /** From its submission on. */
  readonly afterMs: number;
  readonly answered: number;
  readonly final: number;
}

export interface JobRecord {
  readonly name: string;
  readonly workers: number;
  readonly jobMs: number;
  /** Every query's, in order. */
  readonly answers: readonly AnswerView[];
  /** How far the job was, the earliest first. */
  readonly seen: readonly JobSeen[];
  readonly quarantined: readonly QuarantinedTab[];
  /** As measured for the volunteer who answered; float32 where nobody says. */
  precisionOf(volunteerId: string | null): PrecisionClass;
}

/** What the model says on the coordinator's side: count x outputSize, and the true labels. */
export interface Truth {
  readonly outputs: Float32Array;
  readonly outputSize: number;
  readonly labels: ArrayLike<number>;
}

/** @param uncodedJobMs of the same run; null where this is that job */
export function schemeFigures(record: JobRecord, truth: Truth, uncodedJobMs: number | null): SchemeFigures {
  const { name, workers, jobMs, answers, seen, quarantined } = record;
  const isRight = (label: number | null | undefined, query: number) => label === truth.labels[query];
  const first = answers.map((answer) => answer.first);
  const estimated = answers.filter((answer) => isEstimate(name, answer.first?.mark));
  const timeOf = (share: number, what: "answered" | "final") =>
    seen.find((then) => then[what] >= share * answers.length)?.afterMs ?? null;
  return {
    name,
    workers,
    overallFirst: shareOf(first, (answer, query) => isRight(answer?.label, query)),
    degradedFirst:
      estimated.length === 0 ? null : shareOf(estimated, ({ first, index }) => isRight(first?.label, index)),
    finalAccuracy: shareOf(answers, ({ label, mark }, query) => mark !== "missing" && isRight(label, query)),
    firstMsP50: timeOf(0.5, "answered"),
    firstMsP95: timeOf(0.95, "answered"),
    exactMsP50: timeOf(0.5, "final"),
    exactMsP95: timeOf(0.95, "final"),
    jobMs,
    ratioToUncoded: uncodedJobMs === null ? 1 : jobMs / uncodedJobMs,
    answersByMark: countByMark(answers),
    wrongByMark: countByMark(answers.filter((answer) => isWrong(answer, truth, record))),
    quarantined,
  };
}

/** Everything that approxifer answers is interpolated, though nothing but `unchecked` stands on it. */
function isEstimate(schemeName: string, mark: AnswerMark | undefined): boolean {
  return mark === "estimated" || (schemeName === "approxifer" && mark === "unchecked");
}

function isWrong(answer: AnswerView, { outputs, outputSize }: Truth, record: JobRecord): boolean {
  if (answer.mark === "missing") return false;
  const expected = outputs.subarray(answer.index * outputSize, (answer.index + 1) * outputSize);
  return !rowAgrees(expected, answer.outputs, PRECISION_TOLERANCE[record.precisionOf(answer.volunteerId)]);
}

function countByMark(answers: readonly AnswerView[]): Record<AnswerMark, number> {
  const counts = Object.fromEntries(ANSWER_MARKS.map((mark) => [mark, 0])) as Record<AnswerMark, number>;
  for (const { mark } of answers) counts[mark]++;
  return counts;
}

function shareOf<T>(items: readonly T[], is: (item: T, place: number) => boolean): number {
  return items.filter(is).length / items.length;
}

/** Share of labels that the model itself hits. */
export function baseAccuracyOf({ outputs, outputSize, labels }: Truth): number {
  return shareOf(Array.from(labels), (label, query) => argmax(outputs, query, outputSize) === label);
}
