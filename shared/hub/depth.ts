/** How far each pixel is, as post_process_depth_estimation of transformers has it, and its depth-estimation pipeline draws it. */
import { interpolated } from "./interpolate.ts";
import type { PictureSize } from "./picture-plan.ts";

/** height x width, in the model's own unit: many give more for what is nearer. */
export interface Depth extends PictureSize {
  readonly values: Float32Array<ArrayBuffer>;
}

/**
 * @param predicted height x width, row by row; a dimension of 1 before them does not count
 * @param shape of these
 * @param size of the picture
 * @example
 * ```ts
 * const depth = depthOf([1, 3], [1, 2], { width: 2, height: 1 });
 * console.log([...depth.values]); // [1, 3]
 * ```
 */
export function depthOf(predicted: readonly number[], shape: readonly number[], size: PictureSize): Depth {
  const [height, width] = shape.slice(-2) as [number, number];
  return {
    width: size.width,
    height: size.height,
    values: interpolated(predicted, { width, height }, size, "bicubic"),
  };
}

/** Grey levels: the least is black, the most is white. @returns height x width */
export function depthLevels({ values }: Pick<Depth, "values">): Uint8Array {
  const [least, most] = depthRange(values);
  const scale = most > least ? 255 / (most - least) : 0;
  return Uint8Array.from(values, (value) => Math.trunc((value - least) * scale));
}

export function depthRange(values: ArrayLike<number>): [least: number, most: number] {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < values.length; i++) {
    least = Math.min(least, values[i]!);
    most = Math.max(most, values[i]!);
  }
  return [least, most];
}
