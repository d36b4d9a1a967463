/**
 * From a JPEG's planes to its pixels, as libjpeg does with its defaults: colours of half the size are made larger with weights of 3 and 1
 * ("fancy", jdsample.c), and turned into red, green and blue with 16 bits behind the point (jdcolor.c). Inks stay inks.
 */

export interface Plane {
  /** How often as many samples as the least of the planes has, across and down. */
  readonly across: number;
  readonly down: number;
  /** Samples that belong to the picture; a row of `data` has `stride`. */
  readonly width: number;
  readonly height: number;
  readonly stride: number;
  readonly data: Uint8Array;
}

/** What the numbers of the planes are. "ycck": inks, of which three were turned like colours. */
export type ColourForm = "grey" | "rgb" | "ycc" | "cmyk" | "ycck";

/** @returns height x width x (1, 3, or 4 where they are inks, 255 for no ink as Adobe writes them) @throws Error of shapes that nobody writes */
export function pixelsOfPlanes(planes: readonly Plane[], width: number, height: number, form: ColourForm): Uint8Array {
  const channels = planes.length;
  const across = Math.max(...planes.map((plane) => plane.across));
  const down = Math.max(...planes.map((plane) => plane.down));
  const rowsOf = planes.map((plane) => enlargedRows(plane, across / plane.across, down / plane.down, width));
  const out = new Uint8Array(width * height * channels);
  for (let y = 0; y < height; y++) {
    const rows = rowsOf.map((row) => row(y));
    const at = y * width * channels;
    for (let c = 0; c < channels; c++) {
      const row = rows[c]!;
      for (let x = 0, to = at + c; x < width; x++, to += channels) out[to] = row[x]!;
    }
  }
  if (form === "ycc" || form === "ycck") toColours(out, channels, form === "ycck");
  return out;
}

/** @returns what gives a row of the picture; it is to be read before the next one is asked for */
function enlargedRows(plane: Plane, across: number, down: number, width: number): (y: number) => Uint8Array {
  const { data, stride, height } = plane;
  const rowAt = (y: number) => data.subarray(y * stride, y * stride + stride);
  if (!Number.isInteger(across) || !Number.isInteger(down)) throw new Error("planes whose sizes do not go together");
  const isWide = plane.width > 2;
  if (across === 1 && down === 1) return rowAt;
  const row = new Uint8Array(Math.max(width, 2 * plane.width) + across);
  if (across === 2 && down === 1 && isWide) return (y) => twiceAsWide(rowAt(y), plane.width, row);
  if (down === 2 && (across === 1 || (across === 2 && isWide))) {
    const sums = new Int32Array(plane.width);
    return (y) => {
      const near = rowAt(y >> 1);
      const far = rowAt(Math.min(height - 1, Math.max(0, (y >> 1) + (y % 2 === 0 ? -1 : 1))));
      for (let x = 0; x < plane.width; x++) sums[x] = near[x]! * 3 + far[x]!;
      if (across === 2) return sumsTwiceAsWide(sums, row);
      const bias = y % 2 === 0 ? 1 : 2;
      for (let x = 0; x < plane.width; x++) row[x] = (sums[x]! + bias) >> 2;
      return row;
    };
  }
  return (y) => {
    const from = rowAt(Math.floor(y / down));
    for (let x = 0; x < width; x++) row[x] = from[Math.floor(x / across)]!;
    return row;
  };
}

function twiceAsWide(from: Uint8Array, width: number, to: Uint8Array): Uint8Array {
  const last = width - 1;
  to[0] = from[0]!;
  to[1] = (from[0]! * 3 + from[1]! + 2) >> 2;
  for (let x = 1; x < last; x++) {
    to[2 * x] = (from[x]! * 3 + from[x - 1]! + 1) >> 2;
    to[2 * x + 1] = (from[x]! * 3 + from[x + 1]! + 2) >> 2;
  }
  to[2 * last] = (from[last]! * 3 + from[last - 1]! + 1) >> 2;
  to[2 * last + 1] = from[last]!;
  return to;
}

/** @param sums of two rows, four times as large as a sample */
function sumsTwiceAsWide(sums: Int32Array, to: Uint8Array): Uint8Array {
  const last = sums.length - 1;
  to[0] = (sums[0]! * 4 + 8) >> 4;
  to[1] = (sums[0]! * 3 + sums[1]! + 7) >> 4;
  for (let x = 1; x < last; x++) {
    to[2 * x] = (sums[x]! * 3 + sums[x - 1]! + 8) >> 4;
    to[2 * x + 1] = (sums[x]! * 3 + sums[x + 1]! + 7) >> 4;
  }
  to[2 * last] = (sums[last]! * 3 + sums[last - 1]! + 8) >> 4;
  to[2 * last + 1] = (sums[last]! * 4 + 7) >> 4;
  return to;
}

const SCALE_BITS = 16;
const fixed = (value: number) => Math.floor(value * 2 ** SCALE_BITS + 0.5);
const HALF = 1 << (SCALE_BITS - 1);
const ofLevels = (term: (level: number) => number) => Int32Array.from({ length: 256 }, (_, i) => term(i - 128));
const RED = ofLevels((cr) => (fixed(1.402) * cr + HALF) >> SCALE_BITS);
const BLUE = ofLevels((cb) => (fixed(1.772) * cb + HALF) >> SCALE_BITS);
const GREEN_OF_CR = ofLevels((cr) => -fixed(0.71414) * cr);
const GREEN_OF_CB = ofLevels((cb) => -fixed(0.34414) * cb + HALF);

/** In place. @param areInks what comes out is cyan, magenta and yellow: the complement */
function toColours(pixels: Uint8Array, channels: number, areInks: boolean): void {
  const flip = areInks ? 255 : 0;
  const level = (value: number) => (value < 0 ? 0 : Math.min(value, 255)) ^ flip;
  for (let at = 0; at < pixels.length; at += channels) {
    const [y, cb, cr] = [pixels[at]!, pixels[at + 1]!, pixels[at + 2]!];
    pixels[at] = level(y + RED[cr]!);
    pixels[at + 1] = level(y + ((GREEN_OF_CB[cb]! + GREEN_OF_CR[cr]!) >> SCALE_BITS));
    pixels[at + 2] = level(y + BLUE[cb]!);
  }
}
