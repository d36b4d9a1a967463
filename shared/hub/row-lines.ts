/** Answers as lines: CSV as the coordinator's own answers.csv, JSON, or the label alone. */
import { defused, type WriteCell } from "../inputs/csv-cell.ts";
import type { WrittenAnswer } from "./label-lines.ts";

export const LINE_FORMATS = ["csv", "json", "label"] as const;
export type LineFormat = (typeof LINE_FORMATS)[number];

/** What such a line has beside it. */
export interface RowAnswer extends WrittenAnswer {
  readonly label: number | null;
}

/** @param name of the row that was asked about: a file, say; null: it has none */
export type RowLine = (answer: RowAnswer, name: string | null) => string;

/** @param cell how the name of a row is written in CSV */
export function rowLines(format: LineFormat, cell: WriteCell = defused): RowLine {
  if (format === "json") {
    return (answer, file) => `${JSON.stringify(file === null ? answer : { ...answer, file })}\n`;
  }
  if (format === "label") return ({ label }) => `${label ?? ""}\n`;
  let hasHead = false;
  return (answer, file) => {
    const row = csvRow(answer, file, cell);
    if (hasHead) return row;
    hasHead = true;
    return `${csvHead(answer.outputs.length, file !== null)}${row}`;
  };
}

function csvHead(outputSize: number, hasFile: boolean): string {
  const outputs = Array.from({ length: outputSize }, (_, c) => `output_${c}`);
  return `${["index", ...(hasFile ? ["file"] : []), "label", "mark", "final", "bound", "confidence", "label_ambiguous", ...outputs].join()}\n`;
}

function csvRow(answer: RowAnswer, file: string | null, cell: WriteCell): string {
  const { index, label, mark, final, bound, confidence, labelAmbiguous, outputs } = answer;
  const isOpen = label === null ? null : labelAmbiguous;
  const name = file === null ? [] : [cell(file)];
  const cells = [index, ...name, label, mark, final, bound, confidence, isOpen, ...outputs];
  return `${cells.map((one) => one ?? "").join()}\n`;
}
