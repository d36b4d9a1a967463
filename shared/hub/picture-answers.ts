/** Answers about pictures as people want them: labels, boxes, masks, depths, as lines of CSV or JSON and as archives of pictures. */
import { defused, type WriteCell } from "../inputs/csv-cell.ts";
import { greyPng, indexedPng } from "../inputs/png-writer.ts";
import type { OutputShape, ZipEntry } from "../inputs/zip-writer.ts";
import { encodeNpy } from "../protocol/npy.ts";
import { type FoundBox, foundBoxes } from "./boxes.ts";
import { type Depth, depthLevels, depthOf, depthRange } from "./depth.ts";
import type { KeptPictures } from "./kept-names.ts";
import { labelColour } from "./label-colours.ts";
import type { WrittenAnswer } from "./label-lines.ts";
import type { LabelNames } from "./label-names.ts";
import { type Coverage, coverageOf, type Mask, maskOf } from "./masks.ts";
import type { PictureSize } from "./picture-plan.ts";
import type { PictureTask } from "./picture-task.ts";

export type PictureFormat = "csv" | "jsonl" | "npy" | "npz" | "zip";
type Gives = PictureTask["gives"];

/** What can be written of them. */
export const PICTURE_FORMATS: Readonly<Record<Gives, readonly PictureFormat[]>> = {
  labels: ["csv", "jsonl", "npy", "npz"],
  boxes: ["csv", "jsonl", "npz"],
  masks: ["csv", "jsonl", "zip", "npz"],
  depth: ["csv", "jsonl", "zip", "npz", "npy"],
  numbers: ["npy", "npz", "jsonl"],
};

export const GIVEN_WORDS: Readonly<Record<Gives, string>> = {
  labels: "labels",
  boxes: "boxes",
  masks: "masks",
  depth: "depths",
  numbers: "numbers",
};

/** What the answers of a job are about. */
export interface PictureAnswers {
  readonly task: PictureTask;
  /** The outputs in the order in which an answer has them. */
  readonly outputs: readonly OutputShape[];
  /** null: the folder names none. */
  readonly labels: LabelNames | null;
  /** Names of the files, by query. */
  readonly names: readonly string[];
  /** Sizes of the files, by query: boxes and masks are in their pixels. */
  readonly sizes: readonly PictureSize[];
  /** The least score of a box that is told. */
  readonly threshold: number;
}

/** @returns null: labels are all that is known of them */
export function picturesAsked({ names, labels, decoding }: KeptPictures): PictureAnswers | null {
  if (decoding === undefined) return null;
  const { task, outputs, shapes, threshold } = decoding;
  return { task, outputs, labels, names, sizes: shapes.map(({ own }) => own), threshold };
}

/** What an answer is of one picture. */
export type PictureFinding =
  | { readonly gives: "boxes"; readonly boxes: readonly FoundBox[] }
  | { readonly gives: "masks"; readonly mask: Mask; readonly coverage: readonly Coverage[] }
  | { readonly gives: "depth"; readonly depth: Depth }
  | { readonly gives: "labels" | "numbers" };

/**
 * @param outputs of one answer; none where there is no answer
 * @param place of the query
 * @param size to which masks and depths are brought; boxes are in the pixels of the picture itself
 * @returns null: there is no answer, or it has no numbers
 */
export function findingOf(
  outputs: readonly number[],
  place: number,
  { task, outputs: shapes, labels, sizes, threshold }: PictureAnswers,
  size: PictureSize = sizes[place]!,
): PictureFinding | null {
  if (outputs.length === 0) return null;
  if (task.gives === "boxes") {
    const [logits, boxes] = partsOf(outputs, shapes);
    const asked = { scores: task.scores, threshold, labels, size: sizes[place]! };
    return { gives: "boxes", boxes: foundBoxes(logits!, boxes!, asked) };
  }
  if (task.gives === "masks") {
    const mask = maskOf(outputs, shapes[0]!.shape, size);
    return { gives: "masks", mask, coverage: coverageOf(mask, labels) };
  }
  if (task.gives === "depth") return { gives: "depth", depth: depthOf(outputs, shapes[0]!.shape, size) };
  return { gives: task.gives };
}

/** The numbers of each output. */
function partsOf(outputs: readonly number[], shapes: readonly OutputShape[]): number[][] {
  let from = 0;
  return shapes.map(({ shape }) => {
    const size = shape.reduce((product, length) => product * length, 1);
    from += size;
    return outputs.slice(from - size, from);
  });
}

type LineWriter = (answer: WrittenAnswer) => string;

/**
 * Of everything but labels, which have lines of their own.
 * @param cell how a text is written in CSV
 * @returns the writer of what is written of one answer: a line, or one for each box or label of it
 */
export function pictureLines(format: "csv" | "json", asked: PictureAnswers, cell: WriteCell = defused): LineWriter {
  if (format === "json") {
    return (answer) => {
      const { index, mark, final, bound } = answer;
      const { width, height } = asked.sizes[index]!;
      const file = asked.names[index];
      return `${JSON.stringify({ file, index, mark, final, bound, width, height, ...fieldsOf(answer, asked) })}\n`;
    };
  }
  let hasHead = false;
  return (answer) => {
    const { columns, rows } = cellsOf(answer, asked, cell);
    const head = hasHead ? "" : `${["file", ...columns, "mark", "final", "bound"].join()}\n`;
    hasHead = true;
    const { mark, final, bound, index } = answer;
    const file = cell(asked.names[index] ?? "");
    return head + rows.map((cells) => `${[file, ...cells, mark, final, bound ?? ""].join()}\n`).join("");
  };
}

function fieldsOf(answer: WrittenAnswer, asked: PictureAnswers): object {
  const found = findingOf(answer.outputs, answer.index, asked);
  switch (asked.task.gives) {
    case "boxes":
      return { boxes: found?.gives === "boxes" ? found.boxes : null };
    case "masks":
      return {
        labels: found?.gives === "masks" ? found.coverage.map(({ label, share }) => ({ label, share })) : null,
      };
    case "depth": {
      const [least, most] = found?.gives === "depth" ? depthRange(found.depth.values) : [null, null];
      return { least, most };
    }
    default: {
      const parts = answer.outputs.length === 0 ? null : partsOf(answer.outputs, asked.outputs);
      return Object.fromEntries(asked.outputs.map(({ name }, i) => [name, parts?.[i] ?? null]));
    }
  }
}

type Cell = string | number;

function cellsOf(answer: WrittenAnswer, asked: PictureAnswers, cell: WriteCell): { columns: string[]; rows: Cell[][] } {
  const found = findingOf(answer.outputs, answer.index, asked);
  const short = (value: number) => value.toPrecision(6);
  // A picture without any has its line all the same: its mark stands there.
  const orEmpty = (rows: Cell[][], count: number) => (rows.length === 0 ? [Array<Cell>(count).fill("")] : rows);
  if (asked.task.gives === "boxes") {
    const columns = ["label", "score", "left", "top", "right", "bottom"];
    const boxes = found?.gives === "boxes" ? found.boxes : [];
    const rows = boxes.map(({ label, score, box }) => [
      cell(label),
      short(score),
      ...box.map((edge) => edge.toFixed(2)),
    ]);
    return { columns, rows: orEmpty(rows, columns.length) };
  }
  if (asked.task.gives === "masks") {
    const coverage = found?.gives === "masks" ? found.coverage : [];
    const rows = coverage.map(({ label, share }) => [cell(label), short(share)]);
    return { columns: ["label", "share"], rows: orEmpty(rows, 2) };
  }
  const range = found?.gives === "depth" ? depthRange(found.depth.values).map(short) : [];
  return { columns: ["least", "most"], rows: orEmpty(range.length === 0 ? [] : [range], 2) };
}

/**
 * Masks and depths as files: NAME.png of each picture, in its own size; of depths NAME.npy too, float32.
 * @returns what makes them of an answer: nothing of one without numbers
 */
export function pictureEntries(asked: PictureAnswers): (answer: WrittenAnswer) => ZipEntry[] {
  const names = entryNames(asked.names);
  const { task, labels, outputs } = asked;
  const labelCount = task.gives === "masks" ? (labels?.names.length ?? outputs[0]!.shape[0]!) : 0;
  const colours = Array.from({ length: labelCount }, (_, place) => labelColour(place));
  return (answer) => {
    const found = findingOf(answer.outputs, answer.index, asked);
    const name = names[answer.index] ?? String(answer.index);
    if (found?.gives === "masks")
      return [{ name: `${name}.png`, bytes: indexedPng(found.mask, found.mask.places, colours) }];
    if (found?.gives !== "depth") return [];
    const { width, height, values } = found.depth;
    return [
      { name: `${name}.png`, bytes: greyPng(found.depth, depthLevels(found.depth)) },
      { name: `${name}.npy`, bytes: encodeNpy({ dtype: "F32", shape: [height, width], data: values }) },
    ];
  };
}

/** Without their endings where no other picture has that name too; nothing in them leads out of the folder into which they are unpacked. */
function entryNames(names: readonly string[]): string[] {
  const whole = names.map((name) => {
    const parts = name.split(/[/\\]/).filter((part) => !["", ".", ".."].includes(part));
    return parts.join("/");
  });
  const stems = whole.map((name) => name.replace(/\.\w{1,5}$/, ""));
  const counts = new Map<string, number>();
  for (const stem of stems) counts.set(stem, (counts.get(stem) ?? 0) + 1);
  return whole.map((name, place) => (counts.get(stems[place]!) === 1 ? stems[place]! : name));
}
