/** Rows of a `.npy` file as people look at them: a picture where the shape is one of a picture, numbers otherwise. Pure. */
import type { NpyArray } from "../../../../../shared/protocol/npy.ts";

export type RowForm =
  | {
      readonly kind: "picture";
      readonly height: number;
      readonly width: number;
      readonly channels: 1 | 3 | 4;
      /** channels x height x width, as ONNX models have their pictures. */
      readonly isChannelsFirst: boolean;
    }
  | { readonly kind: "numbers"; readonly size: number };

/** Smaller things are tables, larger ones no thumbnails. */
const SIDE_MIN = 8;
const SIDE_MAX = 512;

/** @param shape (rows, …input shape) */
export function rowFormOf(shape: readonly number[]): RowForm {
  const [, first = 0, second = 0, third = 1] = shape;
  if (shape.length === 3 || shape.length === 4) {
    const last = pictureOf(first, second, third, false);
    if (last !== null) return last;
  }
  return (
    (shape.length === 4 ? pictureOf(second, third, first, true) : null) ?? { kind: "numbers", size: rowSize(shape) }
  );
}

function pictureOf(height: number, width: number, channels: number, isChannelsFirst: boolean): RowForm | null {
  const isSide = (side: number) => side >= SIDE_MIN && side <= SIDE_MAX;
  if (!isSide(height) || !isSide(width)) return null;
  if (channels !== 1 && channels !== 3 && channels !== 4) return null;
  return { kind: "picture", height, width, channels, isChannelsFirst };
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
 * @param values as the form says, row-major
 */
export function pixelsOf(
  values: readonly number[],
  { channels, isChannelsFirst }: Pick<Extract<RowForm, { kind: "picture" }>, "channels" | "isChannelsFirst">,
  isBytes: boolean,
): Uint8ClampedArray<ArrayBuffer> {
  const low = isBytes ? 0 : values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const high = isBytes ? 255 : values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const scale = high > low ? 255 / (high - low) : 0;
  const levelOf = (value: number) => (value - low) * scale;
  const count = values.length / channels;
  const valueAt = (pixel: number, c: number) => values[isChannelsFirst ? c * count + pixel : pixel * channels + c]!;
  const pixels = new Uint8ClampedArray(count * 4);
  for (let pixel = 0; pixel < count; pixel++) {
    for (let c = 0; c < 3; c++) {
      pixels[pixel * 4 + c] = levelOf(valueAt(pixel, channels === 1 ? 0 : c));
    }
    pixels[pixel * 4 + 3] = channels === 4 ? levelOf(valueAt(pixel, 3)) : 255;
  }
  return pixels;
}

/** The first few numbers of a row, short. */
export function numbersText(values: readonly number[], shown: number): string {
  const texts = values.slice(0, shown).map((value) => String(Number(value.toPrecision(4))));
  return texts.join(", ") + (values.length > shown ? ", …" : "");
}
