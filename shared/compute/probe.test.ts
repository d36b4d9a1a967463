import { describe, expect, it } from "vitest";
import { fromHalf } from "../protocol/half-floats.ts";
import { hashNoise } from "./hash-noise.ts";
import { inspectModel } from "./inspect-model.ts";
import { unpackModel } from "./model-bundle.ts";
import { PROBE_INPUT_RANGE, PROBE_INPUT_SIZE, PROBE_OUTPUT_SIZE, probeBundle } from "./probe.ts";
import { createPlainRuntime } from "./runtimes/tfjs/plain-runtime.ts";

const ROWS = 1000;
const HIDDEN = 32;

describe("the probe", () => {
  it("is always the same bytes", async () => {
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", probeBundle() as Uint8Array<ArrayBuffer>));
    expect([...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("")).toMatchInlineSnapshot(
      `"f8a1cea92da35d47de1ec1bf415013c5069bd16eba58be31411706a43d2416f1"`,
    );
  });

  it("is the model it says", async () => {
    expect(await inspectModel(probeBundle())).toEqual({
      inputShape: [PROBE_INPUT_SIZE],
      inputs: [{ name: "input", shape: [PROBE_INPUT_SIZE], dtype: "float32" }],
      inputSize: PROBE_INPUT_SIZE,
      outputSize: PROBE_OUTPUT_SIZE,
      macsPerQuery: 64 * 32 + 32 * 10,
      weightBytes: 4 * (64 * 32 + 32 + 32 * 10 + 10),
      activationsPerQuery: 64 + 32 + 10,
      numbersPerRun: 0,
    });
  });

  it("in float16 every answer is off by more than 1e-3 and less than 5e-2 of its root mean square", async () => {
    const errors = await errorsOf(toFloat16);
    expect(errors).toHaveLength(ROWS);
    expect(Math.min(...errors)).toBeGreaterThan(1e-3);
    expect(Math.max(...errors)).toBeLessThan(5e-2);
  });

  it("in float32 answers are off by less than 1e-4", async () => {
    const errors = await errorsOf(Math.fround);
    expect(Math.max(...errors)).toBeGreaterThan(0);
    expect(Math.max(...errors)).toBeLessThan(1e-4);
  });

  it("its ReLU matters: about a quarter of the hidden values are cut off", async () => {
    let cut = 0;
    const rows = randomRows();
    const [kernel, bias] = weights();
    for (let r = 0; r < ROWS; r++) {
      const row = rows.subarray(r * PROBE_INPUT_SIZE, (r + 1) * PROBE_INPUT_SIZE);
      cut += dense(row, kernel, bias, (x) => x).filter((value) => value < 0).length;
    }
    expect(cut / (ROWS * HIDDEN)).toBeGreaterThan(0.2);
    expect(cut / (ROWS * HIDDEN)).toBeLessThan(0.3);
  });
});

/** Largest difference of each row from the plain runtime, over the row's root mean square, with numbers stored by `store`. */
async function errorsOf(store: (value: number) => number): Promise<number[]> {
  const rows = randomRows();
  const model = await createPlainRuntime().load(probeBundle());
  const exact = await model.run(rows, ROWS);
  const stored = weights().map((values) => values.map(store));
  const [kernel1, bias1, kernel2, bias2] = stored as [Float32Array, Float32Array, Float32Array, Float32Array];
  return Array.from({ length: ROWS }, (_, r) => {
    const row = rows.subarray(r * PROBE_INPUT_SIZE, (r + 1) * PROBE_INPUT_SIZE).map(store);
    const hidden = dense(row, kernel1, bias1, store).map((value) => Math.max(0, value));
    const outputs = dense(hidden, kernel2, bias2, store);
    const expected = exact.subarray(r * PROBE_OUTPUT_SIZE, (r + 1) * PROBE_OUTPUT_SIZE);
    const rms = Math.sqrt(expected.reduce((sum, value) => sum + value * value, 0) / PROBE_OUTPUT_SIZE);
    return Math.max(...outputs.map((value, c) => Math.abs(value - expected[c]!))) / rms;
  });
}

function randomRows(): Float32Array {
  return Float32Array.from({ length: ROWS * PROBE_INPUT_SIZE }, (_, i) => PROBE_INPUT_RANGE * hashNoise(99, i));
}

/** Sums in float32, as a GPU or WASM does; stores the sum. */
function dense(
  row: Float32Array,
  kernel: Float32Array,
  bias: Float32Array,
  store: (value: number) => number,
): Float32Array {
  return Float32Array.from(bias, (start, unit) => {
    let sum = start;
    for (const [i, value] of row.entries()) sum = Math.fround(sum + value * kernel[i * bias.length + unit]!);
    return store(sum);
  });
}

function weights(): [Float32Array, Float32Array, Float32Array, Float32Array] {
  const all = new Float32Array(unpackModel(probeBundle()).weightData.slice().buffer);
  const ends = [64 * 32, 64 * 32 + 32, 64 * 32 + 32 + 32 * 10, all.length];
  return ends.map((end, i) => all.slice(i === 0 ? 0 : ends[i - 1], end)) as ReturnType<typeof weights>;
}

const FLOAT16 = Float64Array.from({ length: 0x7c00 }, (_, bits) => fromHalf(bits));

/** The nearest float16 (ties upwards, which is near enough here), by search in the table of them all. */
function toFloat16(value: number): number {
  let [low, high] = [0, FLOAT16.length - 1];
  const size = Math.abs(value);
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (FLOAT16[middle]! <= size) low = middle;
    else high = middle;
  }
  const nearest = size - FLOAT16[low]! < FLOAT16[high]! - size ? FLOAT16[low]! : FLOAT16[high]!;
  return Math.sign(value) * nearest;
}
