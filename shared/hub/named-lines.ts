/** Answers with the names that stay with their job, as lines and arrays: the same wherever they are written. */
import { defused, type WriteCell } from "../inputs/csv-cell.ts";
import { InputError } from "../inputs/input-error.ts";
import { answerSpan, spanLines } from "./answer-spans.ts";
import type { KeptNames, KeptTexts } from "./kept-names.ts";
import { type AskedText, labelLines } from "./label-lines.ts";
import { type LabelNames, numbered } from "./label-names.ts";
import { PICTURE_FORMATS, pictureLines, picturesAsked } from "./picture-answers.ts";
import type { PictureTask } from "./picture-task.ts";
import { type RowAnswer, rowLines } from "./row-lines.ts";
import { labelledTokens, tokenLines } from "./token-lines.ts";
import { vectorLine } from "./vector-lines.ts";
import { candidateAnswer } from "./zero-shot.ts";

export type NamedFormat = "csv" | "jsonl" | "npy" | "npz" | "parquet" | "zip";

/** Texts of several lengths have as many numbers each: they make no array. */
const OF_TEXTS: Readonly<Record<KeptTexts["gives"], readonly NamedFormat[]>> = {
  labels: ["csv", "jsonl", "npy"],
  tokens: ["csv", "jsonl"],
  spans: ["csv", "jsonl"],
  vectors: ["npy", "jsonl", "parquet"],
};

/** What can be made of them. */
export function namedFormats(
  kept:
    | { readonly kind: "rows" }
    | { readonly kind: "pictures"; readonly decoding?: { readonly task: Pick<PictureTask, "gives"> } }
    | (Pick<KeptTexts, "kind" | "gives"> & { readonly candidates: object | null }),
): readonly NamedFormat[] {
  if (kept.kind === "pictures" && kept.decoding !== undefined) return PICTURE_FORMATS[kept.decoding.task.gives];
  if (kept.kind !== "texts") return ["csv", "jsonl", "npy"];
  return kept.candidates === null ? OF_TEXTS[kept.gives] : OF_TEXTS.tokens;
}

/** Where nothing says which. */
export function namedFallback(kept: KeptNames): "csv" | "jsonl" {
  return namedFormats(kept).includes("csv") ? "csv" : "jsonl";
}

/** What there is of a row that is not answered, or whose job is gone. */
export const NOT_ANSWERED: Omit<RowAnswer, "index"> = {
  ...{ label: null, mark: "missing", final: false, bound: null, confidence: null, labelAmbiguous: false, outputs: [] },
};

export interface LineOptions {
  readonly format: "csv" | "jsonl";
  /** Labels of an answer; absent: as many as were asked for when it was submitted. */
  readonly top?: number | undefined;
  /** How names and texts are written in CSV. */
  readonly cell?: WriteCell;
}

/**
 * @returns takes the answers one after the other, in the order of all rows, and gives what is written of each: a line, several, or none yet
 * @throws InputError as the lines of its kind do
 */
export function namedLines(
  kept: KeptNames,
  { format, top, cell = defused }: LineOptions,
): (answer: RowAnswer) => string {
  const lineFormat = format === "csv" ? "csv" : "json";
  if (kept.kind === "rows") {
    const line = rowLines(lineFormat, cell);
    return (answer) => line(answer, kept.names[answer.index] ?? "");
  }
  if (kept.kind === "pictures") {
    const asked = picturesAsked(kept);
    if (asked !== null && asked.task.gives !== "labels") return pictureLines(lineFormat, asked, cell);
    let line: ReturnType<typeof labelLines> | null = null;
    return (answer) => {
      // How many numbers there are the first answer says that has any.
      const names = namesOf(kept.labels, answer.outputs.length);
      line ??= labelLines(lineFormat, names, top ?? kept.top, "file", cell);
      return line(answer, kept.names[answer.index] ?? "");
    };
  }
  return textLines(kept, lineFormat, top ?? kept.top, cell);
}

function textLines(
  kept: KeptTexts,
  format: "csv" | "json",
  top: number,
  cell: WriteCell,
): (answer: RowAnswer) => string {
  const { texts, pairs, labels, candidates, normalizes } = kept;
  if (candidates !== null) {
    const { names, entailment } = candidates;
    const line = labelLines(format, { holds: "one", names }, Math.min(top, names.length), "text", cell);
    let gathered: RowAnswer[] = [];
    return (answer) => {
      gathered.push(answer);
      if (gathered.length < names.length) return "";
      const own = candidateAnswer(gathered, entailment);
      gathered = [];
      const index = Math.floor(answer.index / names.length);
      return line({ ...own, index }, texts[index * names.length]!);
    };
  }
  const asked = (at: number): AskedText => (pairs === null ? texts[at]! : [texts[at]!, pairs[at]!]);
  switch (kept.gives) {
    case "tokens": {
      const line = tokenLines(format, (outputs, at) => labelledTokens(outputs, kept.tokens![at]!, labels!), cell);
      return (answer) => line(answer, texts[answer.index]!);
    }
    case "spans": {
      const line = spanLines(format, (outputs, at) => spanAt(kept, outputs, at), cell);
      return (answer) => line(answer, [texts[answer.index]!, pairs![answer.index]!]);
    }
    case "labels": {
      const line = labelLines(format, labels!, top, pairs === null ? "text" : "pair", cell);
      return (answer) => {
        requireLabels(labels!, answer, kept.output);
        return line(answer, asked(answer.index));
      };
    }
    case "vectors":
      return (answer) => vectorLine(answer, answer.index, asked(answer.index), normalizes);
  }
}

/** The part of a context that answers. @param at the place of the pair */
export function spanAt({ spans, pairs }: Pick<KeptTexts, "spans" | "pairs">, outputs: readonly number[], at: number) {
  return answerSpan(outputs, { ...spans![at]!, context: pairs![at]! });
}

/** @throws InputError where the folder names another number of labels */
function namesOf(labels: LabelNames | null, size: number): LabelNames {
  if (labels === null) return numbered(size);
  if (size === 0 || labels.names.length === size) return labels;
  throw new InputError(
    `config.json: id2label: expected ${size} names, one for each number that the model gives, got ${labels.names.length}; write the numbers: --out FILE.npy`,
  );
}

function requireLabels({ names }: LabelNames, { outputs }: RowAnswer, output: string): void {
  if (outputs.length === 0 || outputs.length === names.length) return;
  throw new InputError(
    `config.json: id2label: expected ${outputs.length} names, one for each number of ${output}, got ${names.length}; write the numbers: --out FILE.npy`,
  );
}
