/**
 * What every ModelRuntime keeps, as named checks that throw. No test framework in here: vitest runs them in Node, and a page
 * can run the same ones on the back-ends that only a browser has.
 */

import { ModelError } from "../errors.ts";
import { hashNoise } from "../hash-noise.ts";
import type { ModelRuntime } from "../model-runtime.ts";
import { CONV, type ContractModels, DENSE, LAYERS } from "./testing/contract-networks.ts";
import { packDenseModel } from "./tfjs/dense-model.ts";
import { createPlainRuntime } from "./tfjs/plain-runtime.ts";

export interface RuntimeContractCase {
  readonly name: string;
  check(runtime: ModelRuntime): Promise<void>;
}

export interface RuntimeContractOptions {
  /** The models that it is asked to run, the same networks in each format. */
  readonly models: ContractModels;
  /** Does it run convolutions? */
  readonly convolutions: boolean;
  /** Tensors that the library holds, where it can say; to find leaks. */
  readonly tensorCount?: () => number;
}

/** Largest difference from the oracle, as a share of the root mean square of the row: what audits allow float32. */
const TOLERANCE_FLOAT32 = 1e-3;

export function runtimeContractCases(options: RuntimeContractOptions): RuntimeContractCase[] {
  const { models } = options;
  const dense = [1, 7, 257].map((rowCount) => ({
    name: `a batch of ${rowCount} agrees with the plain forward pass`,
    check: (runtime: ModelRuntime) => agreesWithPlain(runtime, models, rowCount),
  }));
  const named = (name: string, check: (runtime: ModelRuntime, models: ContractModels) => Promise<void>) => ({
    name,
    check: (runtime: ModelRuntime) => check(runtime, models),
  });
  const convolution = named("a convolution agrees with one written out by hand", agreesWithHandWritten);
  return [
    ...dense,
    named("a row's answer does not depend on its batch", rowsAreIndependent),
    named("rows of the wrong length are refused", refusesWrongLength),
    named("a bundle that is none is refused", refusesGarbage),
    named("a profiled run gives the same answers and names its kernels", profiles),
    named("outputs are the caller's own", ownsOutputs),
    named("50 runs and a dispose leave nothing behind", (runtime) =>
      leaksNothing(runtime, models, options.tensorCount),
    ),
    ...(options.convolutions ? [convolution] : []),
  ];
}

const { inputSize: INPUT_SIZE, outputSize: OUTPUT_SIZE } = DENSE;

function rowsOf(rowCount: number, rowSize: number, seed = 17): Float32Array {
  return Float32Array.from({ length: rowCount * rowSize }, (_, i) => hashNoise(seed, i));
}

async function agreesWithPlain(runtime: ModelRuntime, { dense }: ContractModels, rowCount: number): Promise<void> {
  const rows = rowsOf(rowCount, INPUT_SIZE);
  const model = await runtime.load(dense());
  const oracle = await createPlainRuntime().load(packDenseModel(LAYERS));
  const [got, expected] = [await model.run(rows, rowCount), await oracle.run(rows, rowCount)];
  model.dispose();
  requireClose(got, expected, oracle.facts.outputSize);
}

async function rowsAreIndependent(runtime: ModelRuntime, { dense }: ContractModels): Promise<void> {
  const model = await runtime.load(dense());
  const rows = rowsOf(40, INPUT_SIZE);
  const together = await model.run(rows, 40);
  for (const r of [0, 13, 39]) {
    const alone = await model.run(rows.slice(r * INPUT_SIZE, (r + 1) * INPUT_SIZE), 1);
    requireClose(alone, together.subarray(r * OUTPUT_SIZE, (r + 1) * OUTPUT_SIZE), OUTPUT_SIZE);
  }
  model.dispose();
}

async function refusesWrongLength(runtime: ModelRuntime, { dense }: ContractModels): Promise<void> {
  const model = await runtime.load(dense());
  await requireModelError(() => model.run(new Float32Array(2 * INPUT_SIZE - 1), 2), "2 x 19 = 38");
  await requireModelError(() => model.run(new Float32Array(0), 0), "at least one row");
  await requireModelError(() => model.runProfiled(new Float32Array(INPUT_SIZE), 2), "2 x 19 = 38");
  model.dispose();
}

async function refusesGarbage(runtime: ModelRuntime, { dense }: ContractModels): Promise<void> {
  await requireModelError(() => runtime.load(new Uint8Array(3)), "at least 8 bytes");
  const bundle = dense();
  await requireModelError(() => runtime.load(bundle.subarray(0, bundle.length - 1)), "bytes of weights");
}

async function profiles(runtime: ModelRuntime, { dense }: ContractModels): Promise<void> {
  const model = await runtime.load(dense());
  const rows = rowsOf(3, INPUT_SIZE);
  const { outputs, kernels } = await model.runProfiled(rows, 3);
  requireClose(outputs, await model.run(rows, 3), OUTPUT_SIZE);
  require(kernels.length > 0, "at least one kernel", kernels);
  model.dispose();
}

async function ownsOutputs(runtime: ModelRuntime, { dense }: ContractModels): Promise<void> {
  const model = await runtime.load(dense());
  const rows = rowsOf(2, INPUT_SIZE);
  const first = await model.run(rows, 2);
  const kept = first.slice();
  await model.run(rowsOf(2, INPUT_SIZE, 18), 2);
  require(first.join() === kept.join(), "outputs that a later run leaves alone", first);
  require(rows.join() === rowsOf(2, INPUT_SIZE).join(), "rows as they were", rows);
  model.dispose();
}

async function leaksNothing(
  runtime: ModelRuntime,
  { dense }: ContractModels,
  tensorCount: (() => number) | undefined,
): Promise<void> {
  const count = tensorCount ?? (() => 0);
  const before = count();
  const model = await runtime.load(dense());
  const rows = rowsOf(4, INPUT_SIZE);
  await model.run(rows, 4);
  const loaded = count();
  for (let i = 0; i < 50; i++) await model.run(rows, 4);
  await model.runProfiled(rows, 4);
  require(count() === loaded, `${loaded} tensors after 50 runs`, count());
  model.dispose();
  require(count() === before, `${before} tensors after dispose`, count());
}

async function agreesWithHandWritten(runtime: ModelRuntime, { conv, toRows, fromRows }: ContractModels): Promise<void> {
  const { size, filters } = CONV;
  const [kernel, bias] = [rowsOf(1, size(CONV.kernel) * filters, 21), rowsOf(1, filters, 22)];
  const rows = rowsOf(2, size(CONV.image), 23);
  const model = await runtime.load(conv(kernel, bias));
  const got = fromRows(await model.run(toRows(rows), 2));
  model.dispose();
  const outputSize = size(CONV.output);
  require(model.facts.outputSize === outputSize, `${outputSize} outputs`, model.facts.outputSize);
  requireClose(got, CONV.byHand(rows, 2, kernel, bias), outputSize);
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
