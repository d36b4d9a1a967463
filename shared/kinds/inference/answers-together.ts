/** [CE12] How answers of parts are counted together: the coordinator does so, and whoever checks the receipts of the parts. */
import { ANSWER_MARKS, type AnswerMark } from "./answers.ts";

/** What a receipt counts of answers. */
interface CountedAnswers {
  readonly queryCount: number;
  readonly byMark: Readonly<Record<string, number>>;
  readonly final: number;
  readonly labelAmbiguous: number;
  /** null: none is audited. */
  readonly boundMax: number | null;
  /** On average, by their bounds. */
  readonly wrongExpectedMax: number;
}

export function answersTogether(parts: readonly CountedAnswers[]) {
  return {
    queryCount: sumOf(parts, (part) => part.queryCount),
    byMark: marksTogether(parts.map(({ byMark }) => byMark)),
    final: sumOf(parts, (part) => part.final),
    labelAmbiguous: sumOf(parts, (part) => part.labelAmbiguous),
    boundMax: largestOf(parts.map(({ boundMax }) => boundMax)),
    // Each part is certified with the bound of the whole, and expectations add up.
    wrongExpectedMax: sumOf(parts, (part) => part.wrongExpectedMax),
  };
}

export function marksTogether(counts: readonly Readonly<Record<string, number>>[]): Record<AnswerMark, number> {
  const sums = ANSWER_MARKS.map((mark) => [mark, sumOf(counts, (byMark) => byMark[mark] ?? 0)]);
  return Object.fromEntries(sums) as Record<AnswerMark, number>;
}

/** null: there is none. */
export function largestOf(bounds: readonly (number | null)[]): number | null {
  const known = bounds.filter((bound) => bound !== null);
  return known.length === 0 ? null : Math.max(...known);
}

export function sumOf<Item>(items: readonly Item[], amount: (item: Item) => number): number {
  return items.reduce((sum, item) => sum + amount(item), 0);
}
