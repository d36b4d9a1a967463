/** Boxes around things, as transformers' detectors give them: post_process_object_detection of DETR, YOLOS and their kin. */
import type { LabelNames } from "./label-names.ts";
import type { PictureSize } from "./picture-plan.ts";
import type { BoxScores } from "./picture-task.ts";

/** As post_process_object_detection takes it where nobody says. */
export const BOX_THRESHOLD = 0.5;
/** How many boxes, the surest, are looked at where each label is scored by itself. */
const SIGMOID_BOXES_MAX = 100;

export interface FoundBox {
  readonly label: string;
  /** 0 to 1 */
  readonly score: number;
  /** Left, top, right and bottom in pixels of the picture, from its upper left; a little outside where the model says so. */
  readonly box: readonly [left: number, top: number, right: number, bottom: number];
}

export interface BoxesAsked {
  readonly scores: BoxScores;
  /** Less sure ones are left out: a score of exactly this too. */
  readonly threshold: number;
  readonly labels: LabelNames | null;
  /** The picture's own size. */
  readonly size: PictureSize;
}

/**
 * @param logits queries x classes, row by row; with softmax the last class is "nothing"
 * @param boxes queries x 4: the middle across and down, width and height, as parts of the picture
 * @returns softmax: in the model's order; sigmoid: the surest first. A score above the threshold is all that is asked of a box.
 * @example
 * ```ts
 * const size = { width: 200, height: 100 };
 * const asked = { scores: "softmax", threshold: 0.5, labels: { holds: "one", names: ["cat"] }, size } as const;
 * const [cat] = foundBoxes([9, 0], [0.5, 0.5, 0.5, 1], asked);
 * console.log(cat!.label, cat!.box); // cat [50, 0, 150, 100]
 * ```
 */
export function foundBoxes(logits: readonly number[], boxes: readonly number[], asked: BoxesAsked): FoundBox[] {
  const queries = boxes.length / 4;
  const classes = logits.length / queries;
  const found = asked.scores === "softmax" ? bySoftmax(logits, queries, classes) : bySigmoid(logits, classes);
  const { threshold, labels, size } = asked;
  return found
    .filter(({ score }) => score > threshold)
    .map(({ query, place, score }) => ({
      label: labels?.names[place] ?? String(place),
      score,
      box: cornersOf(boxes.slice(query * 4, query * 4 + 4), size),
    }));
}

interface Scored {
  readonly query: number;
  readonly place: number;
  readonly score: number;
}

function bySoftmax(logits: readonly number[], queries: number, classes: number): Scored[] {
  return Array.from({ length: queries }, (_, query) => {
    const row = logits.slice(query * classes, (query + 1) * classes);
    const most = Math.max(...row);
    const powers = row.map((value) => Math.exp(value - most));
    const sum = powers.reduce((all, power) => all + power, 0);
    const own = powers.slice(0, -1);
    const place = own.indexOf(Math.max(...own));
    return { query, place, score: own[place]! / sum };
  });
}

function bySigmoid(logits: readonly number[], classes: number): Scored[] {
  const places = logits.map((_, at) => at).sort((a, b) => logits[b]! - logits[a]! || a - b);
  return places.slice(0, SIGMOID_BOXES_MAX).map((at) => ({
    query: Math.floor(at / classes),
    place: at % classes,
    score: 1 / (1 + Math.exp(-logits[at]!)),
  }));
}

function cornersOf([x, y, wide, high]: readonly number[], { width, height }: PictureSize): FoundBox["box"] {
  return [(x! - wide! / 2) * width, (y! - high! / 2) * height, (x! + wide! / 2) * width, (y! + high! / 2) * height];
}
