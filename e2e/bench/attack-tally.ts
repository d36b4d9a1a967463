/** What became of the answers of a crowd with liars in it: counted once the jobs have ended. */
import { ANSWER_MARKS, type AnswerMark } from "../../shared/kinds/inference/answers.ts";
import { tabOf } from "../crowd/tab-names.ts";
import type { JobsOutcome } from "../proofs/simulator/run-jobs.ts";
import { addFinals, type IsWrong, NO_FINALS } from "./final-answers.ts";

export interface AttackTally {
  readonly answers: number;
  /** Liars that lied at least once, by the name that they then had; those that were quarantined, or got no more work of the model. */
  readonly liars: number;
  readonly named: number;
  readonly honestQuarantined: number;
  /** Results with a lie in them that were taken in of liars that were named. */
  readonly liedBatchesOfNamed: number;
  readonly answersByMark: Readonly<Record<AnswerMark, number>>;
  /** Answers marked audited or exact; of them wrong; the sum of the bounds that they carry. */
  readonly audited: number;
  readonly wrongAudited: number;
  readonly auditedBoundSum: number;
  readonly final: number;
  readonly wrongFinal: number;
  readonly finalBoundSum: number;
  /** Answers that were wrong and final at any look, though they may have been redone later. */
  readonly wrongWhileFinal: number;
  readonly auditedRows: number;
  /** Rows that tabs computed. */
  readonly tabRows: number;
  /** Answers with the right label. */
  readonly hits: number;
}

/**
 * @param isWrong is the answer to this query another than the model's?
 * @param liars tabs that lie, or would
 * @param answerBound eps of the jobs
 */
export function tallyOf(
  { jobs, volunteers, tabs }: JobsOutcome,
  labels: Uint8Array,
  isWrong: IsWrong,
  liars: ReadonlySet<number>,
  answerBound: number,
): Omit<AttackTally, "wrongWhileFinal"> {
  const quarantined = new Set(volunteers.flatMap(({ volunteerId, quarantine }) => (quarantine ? [volunteerId] : [])));
  const lied = new Map(tabs.flatMap(({ lies }) => [...lies]));
  const turnedAway = new Set(tabs.flatMap((tab) => [...tab.turnedAway]));
  const named = [...lied].filter(([volunteerId]) => quarantined.has(volunteerId) || turnedAway.has(volunteerId));
  const isHonest = (volunteerId: string) => !liars.has(tabOf(volunteerId));
  const sums = {
    answers: 0,
    audited: 0,
    wrongAudited: 0,
    auditedBoundSum: 0,
  };
  const finals = { ...NO_FINALS };
  const marks = new Uint32Array(ANSWER_MARKS.length);
  const [auditedMark, exactMark] = [ANSWER_MARKS.indexOf("audited"), ANSWER_MARKS.indexOf("exact")];
  let [hits, auditedRows] = [0, 0];
  for (const { view, answers } of jobs) {
    if (view.state !== "done")
      throw new Error(`attacks: expected the job to be done, got ${view.state}: ${view.error}`);
    auditedRows += view.auditedRows;
    for (let query = 0; query < answers.queryCount; query++) {
      const mark = answers.marks[query]!;
      marks[mark]!++;
      sums.answers++;
      if (answers.labels?.[query] === labels[query]) hits++;
      const wrong = isWrong(answers, query) ? 1 : 0;
      if (mark === auditedMark || mark === exactMark) {
        sums.audited++;
        sums.wrongAudited += wrong;
        sums.auditedBoundSum += Math.min(1, answers.bounds[query]!);
      }
    }
    addFinals(finals, answers, isWrong, answerBound);
  }
  const { final, wrongFinal, boundSum: finalBoundSum } = finals;
  return {
    ...sums,
    ...{ final, wrongFinal, finalBoundSum },
    liars: lied.size,
    named: named.length,
    honestQuarantined: [...quarantined].filter((volunteerId) => isHonest(volunteerId)).length,
    liedBatchesOfNamed: named.reduce((sum, [, batches]) => sum + batches, 0),
    answersByMark: Object.fromEntries(ANSWER_MARKS.map((mark, index) => [mark, marks[index]!])) as Record<
      AnswerMark,
      number
    >,
    auditedRows,
    tabRows: tabs.reduce((sum, tab) => sum + tab.rows, 0),
    hits,
  };
}

/** Of several crowds. */
export function sumOf(tallies: readonly AttackTally[]): AttackTally {
  return tallies.reduce((a, b) => {
    const sum = { ...b } as Record<string, unknown>;
    for (const [key, value] of Object.entries(a)) {
      if (typeof value === "number") sum[key] = value + (b[key as keyof AttackTally] as number);
    }
    const answersByMark = Object.fromEntries(
      ANSWER_MARKS.map((mark) => [mark, a.answersByMark[mark] + b.answersByMark[mark]]),
    );
    return { ...sum, answersByMark } as unknown as AttackTally;
  });
}
