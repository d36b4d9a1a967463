/** How the first answers of each round compare with those that stand now. Pure. */
import type { TimelineRound } from "../../../shared/protocol/timeline-api.ts";
import type { StoredRound } from "../../store/store.ts";
import { type JobAnswers, MARK } from "./engine/job-answers.ts";

/** Rows that were answered together: of a job of an earlier version a round of it, of any other so many rows in their order. */
export type RoundRows = Pick<StoredRound, "roundIndex" | "generation" | "queryIndices">;

/** @param labels the submitter's, one a query; null: none. @returns in the order of their index */
export function timelineRounds(
  rounds: readonly RoundRows[],
  answers: JobAnswers,
  labels: Int32Array | null,
): TimelineRound[] {
  return rounds.map((round) => timelineRound(round, answers, labels)).sort((a, b) => a.roundIndex - b.roundIndex);
}

function timelineRound(
  { roundIndex, generation, queryIndices }: RoundRows,
  answers: JobAnswers,
  labels: Int32Array | null,
): TimelineRound {
  let [estimatedAtFirst, estimatesCompared, estimatesAgreed] = [0, 0, 0];
  let [stands, firstRight, nowRight] = [0, 0, 0];
  for (const query of queryIndices) {
    const [first, now] = [answers.firstLabels[query]!, answers.labels[query]!];
    const isAnswered = answers.marks[query] !== MARK.missing;
    const wasAnswered = answers.hasFirst(query);
    if (wasAnswered && isAnswered && first === now) stands++;
    if (labels !== null && wasAnswered && first === labels[query]) firstRight++;
    if (labels !== null && isAnswered && now === labels[query]) nowRight++;
    if (answers.firstMarks[query] !== MARK.estimated) continue;
    estimatedAtFirst++;
    // Only what the model itself has answered since tells what the estimate was worth.
    if (!answers.hasLabels || !isOwnAnswer(answers.marks[query]!)) continue;
    estimatesCompared++;
    if (first === now) estimatesAgreed++;
  }
  const hasLabels = answers.hasLabels && labels !== null;
  return {
    roundIndex,
    generation,
    rows: queryIndices.length,
    estimatedAtFirst,
    estimatesCompared,
    estimatesAgreed,
    firstStands: answers.hasLabels ? stands : null,
    firstRight: hasLabels ? firstRight : null,
    nowRight: hasLabels ? nowRight : null,
  };
}

function isOwnAnswer(mark: number): boolean {
  return mark === MARK.exact || mark === MARK.audited;
}
