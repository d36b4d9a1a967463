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

/** What an answer is of: the name of a file, a text, or two of them. */
export type AskedText = string | readonly [first: string, second: string];

const PAIR_COLUMNS = ["text", "text_pair"] as const;

/** Names and texts as fields of JSON. */
export function askedFields(asked: AskedText, name: "file" | "text" = "text"): Record<string, string> {
  if (typeof asked === "string") return { [name]: asked };
  return { [PAIR_COLUMNS[0]]: asked[0], [PAIR_COLUMNS[1]]: asked[1] };
}

const LABEL_FORMATS = ["csv", "json"] as const;
export type LabelFormat = (typeof LABEL_FORMATS)[number];

/** @param top how many labels of an answer are written @param what the first column names @param cell how a text is written in CSV @returns the writer of one line */
export function labelLines(
  format: LabelFormat,
  labels: LabelNames,
  top: number,
  what: "file" | "text" | "pair",
  cell: WriteCell = defused,
): (answer: WrittenAnswer, asked: AskedText) => string {
  const topOf = ({ outputs }: WrittenAnswer) => (outputs.length === 0 ? [] : topLabels(outputs, labels, top));
  if (format === "json") {
    return (answer, asked) => {
      const { index, mark, final, bound, confidence, labelAmbiguous } = answer;
      const named = topOf(answer);
      const label = named[0]?.label ?? null;
      return `${JSON.stringify({ ...askedFields(asked, what === "file" ? "file" : "text"), index, label, mark, final, bound, confidence, labelAmbiguous, top: named })}\n`;
    };
  }
  let hasHead = false;
  return (answer, asked) => {
    const head = hasHead ? "" : `${headOf(top, what === "pair" ? PAIR_COLUMNS.join() : what)}\n`;
    hasHead = true;
    const { mark, final, bound } = answer;
    const named = topOf(answer).flatMap(({ label, score }) => [cell(label), score.toPrecision(6)]);
    const all = Array.from({ length: 2 * top }, (_, i) => named[i] ?? "");
    return `${head}${[...[asked].flat().map(cell), ...all.slice(0, 2), mark, final, bound ?? "", ...all.slice(2)].join()}\n`;
  };
}

function headOf(top: number, what: string): string {
  const more = Array.from({ length: top - 1 }, (_, i) => `label_${i + 2},score_${i + 2}`);
  return [what, "label", "score", "mark", "final", "bound", ...more].join();
}
