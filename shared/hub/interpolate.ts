/** Planes of floats in another size, as torch.nn.functional.interpolate makes them with align_corners=False: answers are brought to the size of a picture by it. */
import type { PictureSize } from "./picture-plan.ts";

/** How many places along one axis a new one is made of, and what each weighs. */
interface Taps {
  readonly count: number;
  readonly places: Int32Array;
  readonly weights: Float64Array;
}

/** The coefficient of torch's bicubic; Pillow has another. */
const CUBIC_A = -0.75;

/**
 * @param plane height x width, row by row
 * @returns the same for `to`
 */
export function interpolated(
  plane: ArrayLike<number>,
  from: PictureSize,
  to: PictureSize,
  kind: "bilinear" | "bicubic",
): Float32Array<ArrayBuffer> {
  const [columns, rows] = [tapsOf(from.width, to.width, kind), tapsOf(from.height, to.height, kind)];
  const wide = new Float64Array(from.height * to.width);
  for (let y = 0; y < from.height; y++) {
    for (let x = 0; x < to.width; x++) {
      let sum = 0;
      for (let i = x * columns.count; i < (x + 1) * columns.count; i++) {
        sum += plane[y * from.width + columns.places[i]!]! * columns.weights[i]!;
      }
      wide[y * to.width + x] = sum;
    }
  }
  const out = new Float32Array(to.height * to.width);
  for (let y = 0; y < to.height; y++) {
    for (let i = y * rows.count; i < (y + 1) * rows.count; i++) {
      const [start, weight] = [rows.places[i]! * to.width, rows.weights[i]!];
      for (let x = 0; x < to.width; x++) out[y * to.width + x] = out[y * to.width + x]! + wide[start + x]! * weight;
    }
  }
  return out;
}

function tapsOf(from: number, to: number, kind: "bilinear" | "bicubic"): Taps {
  const count = kind === "bilinear" ? 2 : 4;
  const [places, weights] = [new Int32Array(to * count), new Float64Array(to * count)];
  for (let place = 0; place < to; place++) {
    const middle = (place + 0.5) * (from / to) - 0.5;
    const centre = kind === "bilinear" ? Math.max(0, middle) : middle;
    const below = Math.floor(centre);
    const part = centre - below;
    const own = kind === "bilinear" ? [1 - part, part] : [part + 1, part, 1 - part, 2 - part].map(cubic);
    own.forEach((weight, i) => {
      const at = below + i - (count / 2 - 1);
      places[place * count + i] = Math.min(from - 1, Math.max(0, at));
      weights[place * count + i] = weight;
    });
  }
  return { count, places, weights };
}

function cubic(distance: number): number {
  const t = distance;
  if (t <= 1) return ((CUBIC_A + 2) * t - (CUBIC_A + 3)) * t * t + 1;
  return ((CUBIC_A * t - 5 * CUBIC_A) * t + 8 * CUBIC_A) * t - 4 * CUBIC_A;
}
