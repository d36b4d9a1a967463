/**
 * A set like GISETTE (Guyon et al., NIPS 2003 feature selection challenge), from MNIST's fours and nines; the original is not
 * at hand. 5000 features: pixels, products of pairs of pixels from the middle-top of the image, and as many probes without
 * predictive power, 0..999, all shuffled. Real GISETTE is about half as dense.
 */
import type { RandomSource } from "../../shared/random/random.ts";
import { shuffle, simulationRandom } from "../../shared/random/simulation-random.ts";
import { loadMnist } from "./mnist.ts";

/** The draw that every figure of this project is from. */
export const GISETTE_LIKE_SEED = 2003;

export interface GisetteSplit {
  /** rows x columns, row-major, 0..999 */
  readonly values: Uint16Array;
  /** -1: a four, +1: a nine */
  readonly labels: Int8Array;
  readonly rows: number;
}

export interface GisetteLike {
  readonly train: GisetteSplit;
  readonly validation: GisetteSplit;
  readonly test: GisetteSplit;
  readonly columns: number;
  /** x = value * inputScale, so that features lie in 0..1 */
  readonly inputScale: number;
  readonly pixelColumns: number;
  readonly pairColumns: number;
}

export interface GisetteOptions {
  readonly seed: number;
  /** Of each digit; 3000 in the original's size. */
  readonly trainPerDigit?: number;
  readonly validationPerDigit?: number;
  /** Half of them probes; 5000 in the original's size, and at least twice the active pixels. */
  readonly columns?: number;
}

const DIGITS = { four: 4, nine: 9 };
const FEATURE_MAX = 999;
const PIXEL_MAX = 255;
/** A pixel is active if it has ink in more than this share of the training patterns. */
const ACTIVE_SHARE = 0.01;
/** Rows 4..17 and columns 6..21, where fours and nines differ. */
const WINDOW = { top: 4, bottom: 17, left: 6, right: 21 };

/** A real feature: a pixel, or two whose values are multiplied. */
type Feature = readonly [number] | readonly [number, number];

interface Patterns {
  readonly images: readonly Uint8Array[];
  readonly labels: Int8Array;
}

/** @throws RangeError where there are not so many digits, or fewer columns than twice the active pixels */
export async function gisetteLike(options: GisetteOptions): Promise<GisetteLike> {
  const { seed, trainPerDigit = 3_000, validationPerDigit = 500, columns = 5_000 } = options;
  const random = simulationRandom(seed);
  const [train, test] = await Promise.all([loadMnist("train"), loadMnist("test")]);
  const [fours, nines] = [digitsOf(train, DIGITS.four, random), digitsOf(train, DIGITS.nine, random)];
  const needed = trainPerDigit + validationPerDigit;
  if (fours.length < needed || nines.length < needed) {
    throw new RangeError(
      `gisetteLike: expected at most ${Math.min(fours.length, nines.length)} a digit, got ${needed}`,
    );
  }
  const splits = {
    train: patterns(fours.slice(0, trainPerDigit), nines.slice(0, trainPerDigit), random),
    validation: patterns(fours.slice(trainPerDigit, needed), nines.slice(trainPerDigit, needed), random),
    test: patterns(digitsOf(test, DIGITS.four, random), digitsOf(test, DIGITS.nine, random), random),
  };
  const active = activePixels(splits.train.images);
  const realCount = columns / 2;
  if (!Number.isInteger(realCount) || realCount < active.length) {
    throw new RangeError(
      `gisetteLike: expected an even number of columns from ${2 * active.length} on, got ${columns}`,
    );
  }
  const pairs = randomPairs(active.filter(inWindow), realCount - active.length, random);
  const features: Feature[] = [...active.map((pixel) => [pixel] as const), ...pairs];
  const order = shuffle(
    Uint32Array.from({ length: columns }, (_, c) => c),
    random,
  );
  return {
    train: tableOf(splits.train, features, order, random),
    validation: tableOf(splits.validation, features, order, random),
    test: tableOf(splits.test, features, order, random),
    columns,
    inputScale: 1 / FEATURE_MAX,
    pixelColumns: active.length,
    pairColumns: pairs.length,
  };
}

/** In a random order. */
function digitsOf(
  { images, labels, rows, columns }: { images: Uint8Array; labels: Uint8Array; rows: number; columns: number },
  digit: number,
  random: RandomSource,
): Uint8Array[] {
  const size = rows * columns;
  const found: Uint8Array[] = [];
  labels.forEach((label, i) => {
    if (label === digit) found.push(images.subarray(i * size, (i + 1) * size));
  });
  return shuffle(found, random);
}

function patterns(fours: readonly Uint8Array[], nines: readonly Uint8Array[], random: RandomSource): Patterns {
  const all = [...fours.map((image) => ({ image, label: -1 })), ...nines.map((image) => ({ image, label: 1 }))];
  shuffle(all, random);
  return { images: all.map(({ image }) => image), labels: Int8Array.from(all, ({ label }) => label) };
}

function activePixels(images: readonly Uint8Array[]): number[] {
  const counts = new Uint32Array(images[0]!.length);
  for (const image of images) {
    for (let pixel = 0; pixel < image.length; pixel++) if (image[pixel]! > 0) counts[pixel]!++;
  }
  return Array.from(counts.keys()).filter((pixel) => counts[pixel]! > ACTIVE_SHARE * images.length);
}

function inWindow(pixel: number): boolean {
  const [row, column] = [Math.floor(pixel / 28), pixel % 28];
  return row >= WINDOW.top && row <= WINDOW.bottom && column >= WINDOW.left && column <= WINDOW.right;
}

/** Distinct pairs of different pixels. */
function randomPairs(pixels: readonly number[], count: number, random: RandomSource): [number, number][] {
  if (count > (pixels.length * (pixels.length - 1)) / 2) {
    throw new RangeError(`gisetteLike: expected at most as many pairs as ${pixels.length} pixels have, got ${count}`);
  }
  const pairs = new Map<number, [number, number]>();
  while (pairs.size < count) {
    const [a, b] = [random.integer(pixels.length), random.integer(pixels.length)];
    if (a < b) pairs.set(a * pixels.length + b, [pixels[a]!, pixels[b]!]);
  }
  return [...pairs.values()];
}

/** Real features in columns order[0], order[1], ...; then each once more with its rows in a random order, as a probe. */
function tableOf(
  { images, labels }: Patterns,
  features: readonly Feature[],
  order: Uint32Array,
  random: RandomSource,
): GisetteSplit {
  const rows = images.length;
  const columns = order.length;
  const values = new Uint16Array(rows * columns);
  const rowOrder = Uint32Array.from({ length: rows }, (_, r) => r);
  features.forEach(([first, second], f) => {
    shuffle(rowOrder, random);
    const [real, probe] = [order[f]!, order[features.length + f]!];
    for (let r = 0; r < rows; r++) {
      const image = images[r]!;
      const ink = second === undefined ? image[first]! : (image[first]! * image[second]!) / PIXEL_MAX;
      const value = Math.round((ink / PIXEL_MAX) * FEATURE_MAX);
      values[r * columns + real] = value;
      values[rowOrder[r]! * columns + probe] = value;
    }
  });
  return { values, labels, rows };
}
