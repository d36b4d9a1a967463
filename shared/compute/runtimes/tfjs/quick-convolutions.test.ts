import * as tf from "@tensorflow/tfjs";
import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { quickenConvolutions } from "./quick-convolutions.ts";

/** Everything that a sum can run into, and ordinary numbers. */
const number = fc.oneof(
  { weight: 20, arbitrary: fc.float({ min: -4, max: 4, noNaN: true }) },
  { weight: 1, arbitrary: fc.constantFrom(0, -0, Number.NaN, Infinity, -Infinity, 1e-42, -1e-30, 3e38) },
);
const numbers = (length: number) => fc.array(number, { minLength: length, maxLength: length });
const size = (max: number) => fc.integer({ min: 1, max });

interface Case {
  readonly shape: [number, number, number, number];
  readonly filter: [number, number, number, number];
  readonly x: number[];
  readonly w: number[];
  readonly bias: number[] | null;
  readonly strides: [number, number];
  readonly dilations: [number, number];
  readonly pad: "same" | "valid" | number;
  readonly activation: "linear" | "relu" | "relu6" | "elu" | null;
}

const cases: fc.Arbitrary<Case> = fc
  .record({ images: size(2), height: size(7), width: size(7), depth: size(4), channels: size(35) })
  .chain(({ images, height, width, depth, channels }) =>
    fc.tuple(size(Math.min(3, height)), size(Math.min(3, width)), fc.boolean()).chain(([rows, columns, isStrided]) =>
      fc.record({
        shape: fc.constant([images, height, width, depth] as [number, number, number, number]),
        filter: fc.constant([rows, columns, depth, channels] as [number, number, number, number]),
        x: numbers(images * height * width * depth),
        w: numbers(rows * columns * depth * channels),
        bias: fc.option(numbers(channels)),
        // tfjs takes the one or the other.
        strides: isStrided ? fc.tuple(size(3), size(3)) : fc.constant([1, 1] as [number, number]),
        dilations: isStrided ? fc.constant([1, 1] as [number, number]) : fc.tuple(size(2), size(2)),
        pad: fc.constantFrom<Case["pad"]>("same", "valid", 0, 1, 2),
        activation: fc.constantFrom("linear", "relu", "relu6", "elu", null),
      }),
    ),
  );

/** activation null: the convolution alone */
function convolved({ shape, filter, x, w, bias, strides, dilations, pad, activation }: Case): Float32Array {
  return tf.tidy(() => {
    const [input, weights] = [tf.tensor4d(x, shape), tf.tensor4d(w, filter)];
    const how = { x: input, filter: weights, strides, pad, dataFormat: "NHWC", dilations } as const;
    if (activation === null)
      return tf.conv2d(input, weights, strides, pad, "NHWC", dilations).dataSync() as Float32Array;
    const sums = tf.fused.conv2d({ ...how, activation, ...(bias === null ? {} : { bias: tf.tensor1d(bias) }) });
    return sums.dataSync() as Float32Array;
  });
}

/** @returns null: tfjs refuses it */
function attempted(one: Case): Float32Array | null {
  try {
    return convolved(one);
  } catch {
    return null;
  }
}

const AFTER: Readonly<Record<string, (sum: number) => number>> = {
  linear: (sum) => sum,
  relu: (sum) => Math.max(0, sum),
  relu6: (sum) => Math.min(Math.max(0, sum), 6),
  elu: (sum) => (sum >= 0 ? sum : Math.exp(sum) - 1),
};

/** As tfjs's plain JavaScript takes the sums: rounded to 32 bits after each term, row by row, column by column, channel by channel. */
function summed({ shape, filter, x, w, bias, strides, dilations, pad, activation }: Case): Float32Array {
  const of = tf.backend_util.computeConv2DInfo(shape, filter, strides, dilations, pad);
  const [numbers, weights] = [Float32Array.from(x), Float32Array.from(w)];
  const sums = new Float32Array(of.batchSize * of.outHeight * of.outWidth * of.outChannels);
  sums.forEach((_, at) => {
    const channel = at % of.outChannels;
    const [place, line] = [Math.floor(at / of.outChannels), Math.floor(at / of.outChannels / of.outWidth)];
    let sum = 0;
    for (let row = 0; row < of.filterHeight; row++) {
      const xRow = (line % of.outHeight) * of.strideHeight - of.padInfo.top + row * of.dilationHeight;
      if (xRow < 0 || xRow >= of.inHeight) continue;
      for (let column = 0; column < of.filterWidth; column++) {
        const xColumn = (place % of.outWidth) * of.strideWidth - of.padInfo.left + column * of.dilationWidth;
        if (xColumn < 0 || xColumn >= of.inWidth) continue;
        const image = Math.floor(line / of.outHeight);
        const from = ((image * of.inHeight + xRow) * of.inWidth + xColumn) * of.inChannels;
        for (let depth = 0; depth < of.inChannels; depth++) {
          const term = (row * of.filterWidth + column) * of.inChannels + depth;
          sum = Math.fround(sum + numbers[from + depth]! * weights[term * of.outChannels + channel]!);
        }
      }
    }
    const biased = activation === null || bias === null ? sum : Math.fround(sum + Math.fround(bias[channel]!));
    sums[at] = AFTER[activation ?? "linear"]!(biased);
  });
  return sums;
}

const bitsOf = (numbersOf: Float32Array | null) =>
  numbersOf && [...numbersOf].map((value) => (Object.is(value, -0) ? "-0" : value));

/** A filter may reach further than its picture. */
function hasPlaces({ shape, filter, strides, dilations, pad }: Case): boolean {
  const { outHeight, outWidth } = tf.backend_util.computeConv2DInfo(shape, filter, strides, dilations, pad);
  return outHeight > 0 && outWidth > 0;
}

const some = fc.sample(cases, { numRuns: 400, seed: 7 }).filter(hasPlaces);
/** Its weights take 72 MB in 64 bits. */
const large: Case = {
  shape: [1, 1, 1, 3000],
  filter: [1, 1, 3000, 3000],
  x: Array.from({ length: 3000 }, (_, at) => Math.sin(at)),
  w: Array.from({ length: 9_000_000 }, (_, at) => Math.cos(at)),
  ...{ bias: null, strides: [1, 1], dilations: [1, 1], pad: "valid", activation: null },
};

beforeAll(async () => {
  await tf.setBackend("cpu");
  await quickenConvolutions();
});

test("[VF12] quick convolutions are those of tfjs to the last bit, whatever their shape", () => {
  const taken = some.flatMap((one) => {
    const sums = attempted(one);
    return sums === null ? [] : [{ one, sums }];
  });
  expect(taken.length).toBeGreaterThan(300);
  for (const { one, sums } of taken) expect(bitsOf(sums), JSON.stringify(one)).toEqual(bitsOf(summed(one)));
});

test("one that would take too much memory is left to tfjs", () => {
  expect(attempted(large)).toEqual(summed(large));
});

test("nothing is left behind, and a second time changes nothing", async () => {
  const kernel = tf.getKernel("Conv2D", "cpu")?.kernelFunc;
  await quickenConvolutions();
  expect(tf.getKernel("Conv2D", "cpu")?.kernelFunc).toBe(kernel);
  expect(kernel?.name).not.toBe("conv2D");
  const before = tf.memory().numTensors;
  for (const one of some.slice(0, 20)) attempted(one);
  expect(tf.memory().numTensors).toBe(before);
});
