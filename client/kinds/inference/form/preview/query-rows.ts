/** Rows of a `.npy` file as people look at them: a picture where the shape is one of a picture, numbers otherwise. Pure. */
import type { NpyArray } from "../../../../../shared/protocol/npy.ts";

export type RowForm =
  | { readonly kind: "picture"; readonly height: number; readonly width: number; readonly channels: 1 | 3 | 4 }
  | { readonly kind: "numbers"; readonly size: number };

/** Smaller things are tables, larger ones no thumbnails. */
const SIDE_MIN = 8;
const SIDE_MAX = 512;

/** @param shape (rows, …input shape) */
export function rowFormOf(shape: readonly number[]): RowForm {
  const [, height = 0, width = 0, channels = 1] = shape;
  const isSide = (side: number) => side >= SIDE_MIN && side <= SIDE_MAX;
  if ((shape.length === 3 || shape.length === 4) && isSide(height) && isSide(width)) {
    if (channels === 1 || channels === 3 || channels === 4) return { kind: "picture", height, width, channels };
  }
  return { kind: "numbers", size: rowSize(shape) };
}

export function rowSize(shape: readonly number[]): number {
  return shape.slice(1).reduce((product, n) => product * n, 1);
}

/** One row as plain numbers. */
export function rowOf({ shape, data }: NpyArray, row: number): number[] {
  const size = rowSize(shape);
  return Array.from({ length: size }, (_, i) => Number(data[row * size + i]));
}

/**
 * RGBA of a picture. 8-bit values are taken as they are; others are stretched from their least to their most, for nobody
 * says how they were scaled.
 * @param values height x width x channels, row-major
 */
export function pixelsOf(
  values: readonly number[],
  { channels }: Extract<RowForm, { kind: "picture" }>,
  isBytes: boolean,
): Uint8ClampedArray<ArrayBuffer> {
  const low = isBytes ? 0 : values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const high = isBytes ? 255 : values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const scale = high > low ? 255 / (high - low) : 0;
  const levelOf = (value: number) => (value - low) * scale;
  const pixels = new Uint8ClampedArray((values.length / channels) * 4);
  for (let pixel = 0; pixel * 4 < pixels.length; pixel++) {
    for (let c = 0; c < 3; c++) {
      pixels[pixel * 4 + c] = levelOf(values[pixel * channels + (channels === 1 ? 0 : c)]!);
    }
    pixels[pixel * 4 + 3] = channels === 4 ? levelOf(values[pixel * 4 + 3]!) : 255;
  }
  return pixels;
}

/** The first few numbers of a row, short. */
export function numbersText(values: readonly number[], shown: number): string {
  const texts = values.slice(0, shown).map((value) => String(Number(value.toPrecision(4))));
  return texts.join(", ") + (values.length > shown ? ", …" : "");
}
