/** Final answers of a job, and which of them are wrong: what benches with liars count. */
import type { AllAnswers } from "../../server/kinds/inference/port.ts";
import { PRECISION_TOLERANCE, rowAgrees } from "../../shared/verify/compare-rows.ts";

/** Is the answer to this query further from the model's than float32 allows? */
export type IsWrong = (answers: AllAnswers, query: number) => boolean;

/** @param outputs queries x width: what the model says of each */
export function otherThan(outputs: Float32Array, width: number): IsWrong {
  const rowOf = (values: Float32Array, query: number) => values.subarray(query * width, (query + 1) * width);
  return (answers, query) =>
    !rowAgrees(rowOf(outputs, query), rowOf(answers.outputs, query), PRECISION_TOLERANCE.float32);
}

export interface FinalSums {
  final: number;
  wrongFinal: number;
  /** [CK2] What is promised: so many of all rows that were asked for are wrong and final at most, on average. */
  boundSum: number;
}

export const NO_FINALS: FinalSums = { final: 0, wrongFinal: 0, boundSum: 0 };

/** Adds those of one job. @param answerBound eps, of its account */
export function addFinals(sums: FinalSums, answers: AllAnswers, isWrong: IsWrong, answerBound: number): void {
  sums.boundSum += answerBound * answers.queryCount;
  for (const query of finalQueries(answers)) {
    sums.final++;
    if (isWrong(answers, query)) sums.wrongFinal++;
  }
}

/** Queries whose answers are final, and wrong. */
export function wrongFinals(answers: AllAnswers, isWrong: IsWrong): number[] {
  return finalQueries(answers).filter((query) => isWrong(answers, query));
}

export function finalQueries({ final }: AllAnswers): number[] {
  return Array.from(final.keys()).filter((query) => final[query] === 1);
}
