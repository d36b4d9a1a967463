/**
 * What every ModelRuntime keeps, as named checks that throw. No test framework in here: vitest runs them in Node, and a page
 * can run the same ones on the back-ends that only a browser has.
 */
import { packDenseModel } from "./dense-model.ts";
import { ModelError } from "./errors.ts";
import { hashNoise } from "./hash-noise.ts";
import { packModel } from "./model-bundle.ts";
import type { ModelRuntime } from "./model-runtime.ts";
import { createPlainRuntime } from "./plain-runtime.ts";

export interface RuntimeContractCase {
  readonly name: string;
  check(runtime: ModelRuntime): Promise<void>;
}

export interface RuntimeContractOptions {
  /** Does it run convolutions? */
  readonly convolutions: boolean;
  /** Tensors that the library holds, where it can say; to find leaks. */
  readonly tensorCount?: () => number;
}

/** Largest difference from the oracle, as a share of the root mean square of the row: what audits allow float32. */
const TOLERANCE_FLOAT32 = 1e-3;

export function runtimeContractCases(options: RuntimeContractOptions): RuntimeContractCase[] {
  const dense = [1, 7, 257].map((rowCount) => ({
    name: `a batch of ${rowCount} agrees with the plain forward pass`,
    check: (runtime: ModelRuntime) => agreesWithPlain(runtime, rowCount),
  }));
  const convolution = { name: "a convolution agrees with one written out by hand", check: agreesWithHandWritten };
  return [
    ...dense,
    { name: "a row's answer does not depend on its batch", check: rowsAreIndependent },
    { name: "rows of the wrong length are refused", check: refusesWrongLength },
    { name: "a bundle that is none is refused", check: refusesGarbage },
    { name: "a profiled run gives the same answers and names its kernels", check: profiles },
    { name: "outputs are the caller's own", check: ownsOutputs },
    {
      name: "50 runs and a dispose leave nothing behind",
      check: (runtime) => leaksNothing(runtime, options.tensorCount),
    },
    ...(options.convolutions ? [convolution] : []),
  ];
}

const INPUT_SIZE = 19;

function denseBundle(): Uint8Array {
  const noise = (seed: number, length: number) => Float32Array.from({ length }, (_, i) => hashNoise(seed, i));
  return packDenseModel([
    { kernel: noise(11, INPUT_SIZE * 33), bias: noise(12, 33), activation: "relu" },
    { kernel: noise(13, 33 * 12), bias: noise(14, 12), activation: "tanh" },
    { kernel: noise(15, 12 * 5), bias: noise(16, 5), activation: "linear" },
  ]);
}

function rowsOf(rowCount: number, rowSize: number, seed = 17): Float32Array {
  return Float32Array.from({ length: rowCount * rowSize }, (_, i) => hashNoise(seed, i));
}

async function agreesWithPlain(runtime: ModelRuntime, rowCount: number): Promise<void> {
  const rows = rowsOf(rowCount, INPUT_SIZE);
  const model = await runtime.load(denseBundle());
  const oracle = await createPlainRuntime().load(denseBundle());
  const [got, expected] = [await model.run(rows, rowCount), await oracle.run(rows, rowCount)];
  model.dispose();
  requireClose(got, expected, oracle.facts.outputSize);
}

async function rowsAreIndependent(runtime: ModelRuntime): Promise<void> {
  const model = await runtime.load(denseBundle());
  const rows = rowsOf(40, INPUT_SIZE);
  const together = await model.run(rows, 40);
  for (const r of [0, 13, 39]) {
    const alone = await model.run(rows.slice(r * INPUT_SIZE, (r + 1) * INPUT_SIZE), 1);
    requireClose(alone, together.subarray(r * 5, (r + 1) * 5), 5);
  }
  model.dispose();
}

async function refusesWrongLength(runtime: ModelRuntime): Promise<void> {
  const model = await runtime.load(denseBundle());
  await requireModelError(() => model.run(new Float32Array(2 * INPUT_SIZE - 1), 2), "2 x 19 = 38");
  await requireModelError(() => model.run(new Float32Array(0), 0), "at least one row");
  await requireModelError(() => model.runProfiled(new Float32Array(INPUT_SIZE), 2), "2 x 19 = 38");
  model.dispose();
}

async function refusesGarbage(runtime: ModelRuntime): Promise<void> {
  await requireModelError(() => runtime.load(new Uint8Array(3)), "at least 8 bytes");
  const bundle = denseBundle();
  await requireModelError(() => runtime.load(bundle.subarray(0, bundle.length - 1)), "bytes of weights");
}

async function profiles(runtime: ModelRuntime): Promise<void> {
  const model = await runtime.load(denseBundle());
  const rows = rowsOf(3, INPUT_SIZE);
  const { outputs, kernels } = await model.runProfiled(rows, 3);
  requireClose(outputs, await model.run(rows, 3), 5);
  require(kernels.length > 0, "at least one kernel", kernels);
  model.dispose();
}

async function ownsOutputs(runtime: ModelRuntime): Promise<void> {
  const model = await runtime.load(denseBundle());
  const rows = rowsOf(2, INPUT_SIZE);
  const first = await model.run(rows, 2);
  const kept = first.slice();
  await model.run(rowsOf(2, INPUT_SIZE, 18), 2);
  require(first.join() === kept.join(), "outputs that a later run leaves alone", first);
  require(rows.join() === rowsOf(2, INPUT_SIZE).join(), "rows as they were", rows);
  model.dispose();
}

async function leaksNothing(runtime: ModelRuntime, tensorCount: (() => number) | undefined): Promise<void> {
  const count = tensorCount ?? (() => 0);
  const before = count();
  const model = await runtime.load(denseBundle());
  const rows = rowsOf(4, INPUT_SIZE);
  await model.run(rows, 4);
  const loaded = count();
  for (let i = 0; i < 50; i++) await model.run(rows, 4);
  await model.runProfiled(rows, 4);
  require(count() === loaded, `${loaded} tensors after 50 runs`, count());
  model.dispose();
  require(count() === before, `${before} tensors after dispose`, count());
}

/** 6 x 5 x 2 image, conv 3 x 2 with 3 filters, strides 2 x 1, padding "same", ReLU; then flattened: 3 x 5 x 3 outputs. */
async function agreesWithHandWritten(runtime: ModelRuntime): Promise<void> {
  const [kernel, bias] = [rowsOf(1, 3 * 2 * 2 * 3, 21), rowsOf(1, 3, 22)];
  const rows = rowsOf(2, 6 * 5 * 2, 23);
  const model = await runtime.load(convBundle(kernel, bias));
  const got = await model.run(rows, 2);
  model.dispose();
  require(model.facts.outputSize === 45, "45 outputs", model.facts.outputSize);
  requireClose(got, convolveByHand(rows, 2, kernel, bias), 45);
}

function convBundle(kernel: Float32Array, bias: Float32Array): Uint8Array {
  const conv = {
    name: "conv",
    filters: 3,
    kernel_size: [3, 2],
    strides: [2, 1],
    padding: "same",
    activation: "relu",
    batch_input_shape: [null, 6, 5, 2],
  };
  const layers = [
    { class_name: "Conv2D", config: conv },
    { class_name: "Flatten", config: { name: "flatten" } },
  ];
  const weights = [
    { name: "conv/kernel", shape: [3, 2, 2, 3], dtype: "float32" },
    { name: "conv/bias", shape: [3], dtype: "float32" },
  ];
  const modelJson = {
    format: "layers-model",
    modelTopology: { class_name: "Sequential", config: { name: "conv-model", layers } },
    weightsManifest: [{ paths: ["w"], weights }],
  };
  const bytes = new Uint8Array(Float32Array.from([...kernel, ...bias]).buffer);
  return packModel(new TextEncoder().encode(JSON.stringify(modelJson)), [{ name: "w", bytes }]);
}

/** "same": rows 6 -> 3 needs (3-1)*2+3-6 = 1 row of zeros, below; columns 5 -> 5 needs 1 column of zeros, on the right. */
function convolveByHand(rows: Float32Array, rowCount: number, kernel: Float32Array, bias: Float32Array): Float32Array {
  const outputs = new Float32Array(rowCount * 45);
  for (let n = 0; n < rowCount; n++) {
    for (let y = 0; y < 3; y++) {
      for (let x = 0; x < 5; x++) {
        for (let filter = 0; filter < 3; filter++) {
          let sum = bias[filter]!;
          for (let ky = 0; ky < 3; ky++) {
            for (let kx = 0; kx < 2; kx++) {
              const [row, column] = [2 * y + ky, x + kx];
              if (row >= 6 || column >= 5) continue;
              for (let channel = 0; channel < 2; channel++) {
                const pixel = rows[((n * 6 + row) * 5 + column) * 2 + channel]!;
                sum += pixel * kernel[((ky * 2 + kx) * 2 + channel) * 3 + filter]!;
              }
            }
          }
          outputs[((n * 3 + y) * 5 + x) * 3 + filter] = Math.max(0, sum);
        }
      }
    }
  }
  return outputs;
}

function requireClose(got: Float32Array, expected: Float32Array, outputSize: number): void {
  require(got.length === expected.length, `${expected.length} outputs`, got.length);
  for (let at = 0; at < expected.length; at += outputSize) {
    const row = expected.subarray(at, at + outputSize);
    const allowed = TOLERANCE_FLOAT32 * Math.sqrt(row.reduce((sum, value) => sum + value * value, 0) / outputSize);
    for (let c = 0; c < outputSize; c++) {
      const close = Math.abs(got[at + c]! - row[c]!) <= allowed;
      require(close, `${row[c]} within ${allowed} at row ${at / outputSize}, output ${c}`, got[at + c]);
    }
  }
}

async function requireModelError(work: () => Promise<unknown>, part: string): Promise<void> {
  const error: unknown = await work().then(
    () => null,
    (thrown: unknown) => thrown,
  );
  require(error instanceof ModelError && error.message.includes(part), `a ModelError about "${part}"`, error);
}

function require(condition: boolean, expected: string, got: unknown): void {
  if (!condition) throw new Error(`runtime contract: expected ${expected}, got ${got}`);
}
