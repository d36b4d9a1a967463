/** Answers as lines: CSV as the coordinator's own answers.csv, JSON, or the label alone. */
import { defused, type WriteCell } from "../../../../shared/inputs/csv-cell.ts";
import type { AnswerView } from "../../../../shared/kinds/inference/answers.ts";

export const LINE_FORMATS = ["csv", "json", "label"] as const;
export type LineFormat = (typeof LINE_FORMATS)[number];

export interface AnswerLines {
  /** @param file of the picture that was asked about, where there is one */
  line(answer: AnswerView, file: string | null): string;
}

/** @param cell how the name of a file is written in CSV */
export function answerLines(format: LineFormat, cell: WriteCell = defused): AnswerLines {
  if (format === "json") {
    return { line: (answer, file) => `${JSON.stringify(file === null ? answer : { ...answer, file })}\n` };
  }
  if (format === "label") return { line: ({ label }) => `${label ?? ""}\n` };
  let hasHead = false;
  return {
    line(answer, file) {
      const row = csvRow(answer, file, cell);
      if (hasHead) return row;
      hasHead = true;
      return `${csvHead(answer.outputs.length, file !== null)}${row}`;
    },
  };
}

function csvHead(outputSize: number, hasFile: boolean): string {
  const outputs = Array.from({ length: outputSize }, (_, c) => `output_${c}`);
  return `${["index", ...(hasFile ? ["file"] : []), "label", "mark", "final", "bound", "confidence", "label_ambiguous", ...outputs].join()}\n`;
}

function csvRow(answer: AnswerView, file: string | null, cell: WriteCell): string {
  const { index, label, mark, final, bound, confidence, labelAmbiguous, outputs } = answer;
  const isOpen = label === null ? null : labelAmbiguous;
  const name = file === null ? [] : [cell(file)];
  const cells = [index, ...name, label, mark, final, bound, confidence, isOpen, ...outputs];
  return `${cells.map((one) => one ?? "").join()}\n`;
}
