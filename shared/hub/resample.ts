/**
 * Resizes pictures as Pillow does (Resample.c, Geometry.c), bit for bit: Hugging Face's image processors resize with Pillow, and a model
 * answers as it was trained to only where it sees what it was trained on.
 */

/** Pillow's own numbers, as `resample` of preprocessor_config.json names them. */
export const RESAMPLE_KINDS = ["nearest", "lanczos", "bilinear", "bicubic", "box", "hamming"] as const;
export type ResampleKind = (typeof RESAMPLE_KINDS)[number];

/** Pixels of 8 bits, height x width x channels. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly data: Uint8Array;
}

/** How far a filter reaches, in pixels of the smaller picture, and what it weighs there. */
interface Filter {
  readonly support: number;
  weight(x: number): number;
}

const sinc = (x: number) => (x === 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI));
const CUBIC_A = -0.5;

const FILTERS: Readonly<Record<Exclude<ResampleKind, "nearest">, Filter>> = {
  box: { support: 0.5, weight: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) },
  bilinear: { support: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) },
  hamming: {
    support: 1,
    weight(x) {
      if (Math.abs(x) >= 1) return 0;
      return sinc(x) * (0.54 + 0.46 * Math.cos(x * Math.PI));
    },
  },
  bicubic: {
    support: 2,
    weight(x) {
      const t = Math.abs(x);
      if (t < 1) return ((CUBIC_A + 2) * t - (CUBIC_A + 3)) * t * t + 1;
      return t < 2 ? (((t - 5) * t + 8) * t - 4) * CUBIC_A : 0;
    },
  },
  lanczos: { support: 3, weight: (x) => (x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0) },
};

/**
 * @param width of the result, in pixels, as height
 * @returns height x width x channels: a new picture, or the same one where it has that size
 */
export function resample(picture: Pixels, width: number, height: number, kind: ResampleKind): Pixels {
  if (picture.width === width && picture.height === height) return picture;
  if (kind === "nearest") return nearest(picture, width, height);
  const filter = FILTERS[kind];
  const wide = picture.width === width ? picture : alongRows(picture, width, filter);
  return wide.height === height ? wide : alongColumns(wide, height, filter);
}

/** Weights have so many bits behind the point; 8 bits of the pixel and 2 of overshooting stand before it. */
const WEIGHT_BITS = 32 - 8 - 2;
const HALF = 2 ** (WEIGHT_BITS - 1);

interface Weights {
  /** For each place of the result: the first place that it is made of. */
  readonly first: Int32Array;
  readonly count: Int32Array;
  /** So many for each place of the result; those beyond count are 0. */
  readonly size: number;
  readonly whole: Int32Array;
}

function weightsOf(from: number, to: number, { support, weight }: Filter): Weights {
  const scale = from / to;
  const stretch = Math.max(scale, 1);
  const reach = support * stretch;
  const size = Math.ceil(reach) * 2 + 1;
  const [first, count, whole] = [new Int32Array(to), new Int32Array(to), new Int32Array(to * size)];
  for (let place = 0; place < to; place++) {
    const centre = (place + 0.5) * scale;
    const least = Math.max(0, Math.trunc(centre - reach + 0.5));
    const most = Math.min(from, Math.trunc(centre + reach + 0.5));
    const weights: number[] = [];
    let sum = 0;
    for (let x = least; x < most; x++) {
      const one = weight((x - centre + 0.5) * (1 / stretch));
      weights.push(one);
      sum += one;
    }
    first[place] = least;
    count[place] = weights.length;
    weights.forEach((one, i) => {
      const share = (sum === 0 ? one : one / sum) * 2 ** WEIGHT_BITS;
      whole[place * size + i] = Math.trunc(share + (share < 0 ? -0.5 : 0.5));
    });
  }
  return { first, count, size, whole };
}

const clipped = (sum: number) => Math.min(255, Math.max(0, sum >> WEIGHT_BITS));

function alongRows({ width, height, channels, data }: Pixels, to: number, filter: Filter): Pixels {
  const { first, count, size, whole } = weightsOf(width, to, filter);
  const out = new Uint8Array(to * height * channels);
  for (let y = 0; y < height; y++) {
    const row = y * width * channels;
    for (let x = 0; x < to; x++) {
      const start = row + first[x]! * channels;
      for (let c = 0; c < channels; c++) {
        let sum = HALF;
        for (let i = 0; i < count[x]!; i++) sum += data[start + i * channels + c]! * whole[x * size + i]!;
        out[(y * to + x) * channels + c] = clipped(sum);
      }
    }
  }
  return { width: to, height, channels, data: out };
}

function alongColumns({ width, height, channels, data }: Pixels, to: number, filter: Filter): Pixels {
  const { first, count, size, whole } = weightsOf(height, to, filter);
  const line = width * channels;
  const out = new Uint8Array(to * line);
  const sums = new Float64Array(line);
  for (let y = 0; y < to; y++) {
    sums.fill(HALF);
    for (let i = 0; i < count[y]!; i++) {
      const start = (first[y]! + i) * line;
      const weight = whole[y * size + i]!;
      for (let x = 0; x < line; x++) sums[x] = sums[x]! + data[start + x]! * weight;
    }
    for (let x = 0; x < line; x++) out[y * line + x] = clipped(sums[x]!);
  }
  return { width, height: to, channels, data: out };
}

/** Places are added up and not multiplied, as Pillow does: the rounding is then the same. */
function nearestPlaces(from: number, to: number): Int32Array {
  const step = from / to;
  const places = new Int32Array(to);
  let at = step * 0.5;
  for (let i = 0; i < to; i++, at += step) places[i] = Math.min(from - 1, Math.trunc(at));
  return places;
}

function nearest({ width, height, channels, data }: Pixels, toWidth: number, toHeight: number): Pixels {
  const [columns, rows] = [nearestPlaces(width, toWidth), nearestPlaces(height, toHeight)];
  const out = new Uint8Array(toWidth * toHeight * channels);
  for (let y = 0; y < toHeight; y++) {
    for (let x = 0; x < toWidth; x++) {
      const start = (rows[y]! * width + columns[x]!) * channels;
      for (let c = 0; c < channels; c++) out[(y * toWidth + x) * channels + c] = data[start + c]!;
    }
  }
  return { width: toWidth, height: toHeight, channels, data: out };
}
