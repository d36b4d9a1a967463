/** Answers with the names of their labels, as lines of CSV or JSON: the surest label, then those behind it. */
import { defused, type WriteCell } from "../inputs/csv-cell.ts";
import { type LabelNames, topLabels } from "./label-names.ts";

/** What is written of an answer. */
export interface WrittenAnswer {
  readonly index: number;
  readonly mark: string;
  readonly final: boolean;
  readonly bound: number | null;
  readonly confidence: number | null;
  readonly labelAmbiguous: boolean;
  readonly outputs: readonly number[];
}

const LABEL_FORMATS = ["csv", "json"] as const;
export type LabelFormat = (typeof LABEL_FORMATS)[number];

/** @param top how many labels of an answer are written @param what the first column names @param cell how a text is written in CSV @returns the writer of one line */
export function labelLines(
  format: LabelFormat,
  labels: LabelNames,
  top: number,
  what: "file" | "text",
  cell: WriteCell = defused,
): (answer: WrittenAnswer, named: string) => string {
  const topOf = ({ outputs }: WrittenAnswer) => (outputs.length === 0 ? [] : topLabels(outputs, labels, top));
  if (format === "json") {
    return (answer, asked) => {
      const { index, mark, final, bound, confidence, labelAmbiguous } = answer;
      const named = topOf(answer);
      const label = named[0]?.label ?? null;
      return `${JSON.stringify({ [what]: asked, index, label, mark, final, bound, confidence, labelAmbiguous, top: named })}\n`;
    };
  }
  let hasHead = false;
  return (answer, asked) => {
    const head = hasHead ? "" : `${headOf(top, what)}\n`;
    hasHead = true;
    const { mark, final, bound } = answer;
    const named = topOf(answer).flatMap(({ label, score }) => [cell(label), score.toPrecision(6)]);
    const all = Array.from({ length: 2 * top }, (_, i) => named[i] ?? "");
    return `${head}${[cell(asked), ...all.slice(0, 2), mark, final, bound ?? "", ...all.slice(2)].join()}\n`;
  };
}

function headOf(top: number, what: string): string {
  const more = Array.from({ length: top - 1 }, (_, i) => `label_${i + 2},score_${i + 2}`);
  return [what, "label", "score", "mark", "final", "bound", ...more].join();
}
