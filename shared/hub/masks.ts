/** A label for each pixel, as post_process_semantic_segmentation of transformers has it: logits brought to the picture's size, then the largest. */
import { interpolated } from "./interpolate.ts";
import type { LabelNames } from "./label-names.ts";
import type { PictureSize } from "./picture-plan.ts";

/** Places of labels, height x width. */
export interface Mask extends PictureSize {
  readonly places: Uint16Array;
}

export interface Coverage {
  readonly label: string;
  /** The label's place, from 0. */
  readonly place: number;
  /** Share of the picture's pixels, 0 to 1. */
  readonly share: number;
}

/**
 * @param logits labels x height x width, row by row
 * @param shape of these
 * @param size of the mask
 * @returns of equal ones the earlier label
 * @example
 * ```ts
 * const mask = maskOf([1, 0, 0, 1], [2, 1, 2], { width: 2, height: 1 });
 * console.log([...mask.places]); // [0, 1]
 * ```
 */
export function maskOf(logits: readonly number[], shape: readonly number[], size: PictureSize): Mask {
  const [labels, height, width] = shape as [number, number, number];
  const from = { width, height };
  const places = new Uint16Array(size.width * size.height);
  const best = new Float32Array(places.length).fill(Number.NEGATIVE_INFINITY);
  for (let label = 0; label < labels; label++) {
    const plane = interpolated(
      logits.slice(label * height * width, (label + 1) * height * width),
      from,
      size,
      "bilinear",
    );
    for (const [pixel, value] of plane.entries()) {
      if (value <= best[pixel]!) continue;
      best[pixel] = value;
      places[pixel] = label;
    }
  }
  return { width: size.width, height: size.height, places };
}

/** @returns labels that are there, the largest share first */
export function coverageOf({ places }: Pick<Mask, "places">, labels: LabelNames | null): Coverage[] {
  const counts = new Map<number, number>();
  for (const place of places) counts.set(place, (counts.get(place) ?? 0) + 1);
  return [...counts]
    .map(([place, count]) => ({ label: labels?.names[place] ?? String(place), place, share: count / places.length }))
    .sort((a, b) => b.share - a.share || a.place - b.place);
}
