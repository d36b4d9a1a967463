import { errorsInWords } from "../../../../shared/kinds/inference/error-words.ts";
import type { InferenceJobView } from "../../../../shared/kinds/inference/job-view.ts";
import type { RowsView } from "../../../../shared/kinds/inference/rows-view.ts";
import { trustedInWords, waitingInWords } from "../../../../shared/kinds/inference/rows-words.ts";
import type { JobWords } from "../../../cli/job-words.ts";

export const inferenceWords: JobWords<InferenceJobView> = {
  doneOf({ answersByMark: { exact, audited, unchecked, "non-finite": nonFinite = 0 }, queryCount }) {
    return [exact + audited + unchecked + nonFinite, queryCount];
  },
  qualityOf({
    answersByMark,
    queryCount,
    finalCount,
    takenBackCount = 0,
    labelAmbiguousCount,
    accuracy,
    errors,
    notComputed = [],
    rows,
  }) {
    const marks = Object.entries(answersByMark).filter(([mark, count]) => count > 0 && mark !== "missing");
    const parts = marks.map(([mark, count]) => `${count} ${mark}`);
    if (finalCount > 0) parts.push(`${finalCount} final`);
    if (takenBackCount > 0) parts.push(`${takenBackCount} once final and taken back`);
    if (labelAmbiguousCount > 0) parts.push(`${labelAmbiguousCount} label-ambiguous`);
    for (const { reason, count } of notComputed) parts.push(`${count} cannot be computed (${reason})`);
    if (accuracy !== null) parts.push(`accuracy ${accuracy.toFixed(3)} of the answers that are there, by your labels`);
    if (rows !== undefined) parts.push(...rowsParts(rows, queryCount));
    if (finalCount > 0 && errors !== undefined) parts.push(errorsInWords(errors));
    return parts.join(", ");
  },
  outcomeOf: ({ queryCount }) => `${queryCount} answers`,
  // Of an open stream nobody knows how much is still to come.
  leftOf: ({ stream }) => (stream?.isOpen ? "open" : null),
  notFinal: ({ finalCount, queryCount }) =>
    finalCount === queryCount ? null : `expected ${queryCount} final answers, got ${finalCount}`,
};

/** Of a job on the ledger: what the coordinator computed beside what was told, for what rows wait, and why something has no bound. */
function rowsParts({ waiting, coordinatorRows, price, refused, raised }: RowsView, queryCount: number): string[] {
  const waits = waiting === null ? "" : waitingInWords(waiting);
  return [
    ...(price === null ? [] : [`the coordinator computed ${trustedInWords({ coordinatorRows, price }, queryCount)}`]),
    ...(waits === "" ? [] : [`rows: ${waits}`]),
    ...[refused, raised].flatMap((said) => (said === null ? [] : [said.replace(/\.$/, "")])),
  ];
}
