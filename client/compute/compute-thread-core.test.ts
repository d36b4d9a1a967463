import { expect, onTestFinished, test, vi } from "vitest";
import { onWebAssembly } from "../../shared/compute/compute-thread-api.ts";
import { packDenseModel } from "../../shared/compute/runtimes/tfjs/dense-model.ts";
import { createPlainRuntime } from "../../shared/compute/runtimes/tfjs/plain-runtime.ts";
import { MODULUS } from "../../shared/field/modulus.ts";
import { matrixProduct } from "../../shared/field/products.ts";
import { randomResidues } from "../../shared/field/random-residues.ts";
import { encodeFrame } from "../../shared/protocol/frame.ts";
import { simulationRandom } from "../../shared/random/simulation-random.ts";
import { createComputeThread } from "./compute-thread-core.ts";

test("a thread loads shards and multiplies them, in the order in which it is asked, whatever it was started for", async () => {
  const [rows, columns] = [67, 131];
  const random = simulationRandom(30_401);
  const [forward, backward] = [
    randomResidues(rows * columns, MODULUS, random),
    randomResidues(rows * columns, MODULUS, random),
  ];
  const vector = randomResidues(columns, MODULUS, random);
  const residuals = randomResidues(rows * 3, MODULUS, random);
  const frame = encodeFrame({
    forward: { dtype: "U32", shape: [rows, columns], data: forward },
    backward: { dtype: "U32", shape: [columns, rows], data: backward },
  });
  const thread = createComputeThread();
  expect(await thread.holdsShard("s")).toBe(false);
  const common = { shardSha256: "s", jobId: "j", roundIndex: 0 };
  // Nothing is awaited in between: calls take turns.
  const [, first, second] = await Promise.all([
    thread.addShard("s", frame),
    thread.multiply({ ...common, product: "forward", vector, width: 1 }),
    thread.multiply({ ...common, product: "backward", vector: residuals, width: 3 }),
  ]);
  expect(first.residues).toEqual(matrixProduct(forward, rows, columns, vector, 1, MODULUS));
  expect(second.residues).toEqual(matrixProduct(backward, columns, rows, residuals, 3, MODULUS));
  // Node has no WebGL: that candidate is put aside.
  for (const { backend } of [first, second]) expect(["wasm", "plain"]).toContain(backend);
  expect(await thread.holdsShard("s")).toBe(true);
});

test("[PC7] a model that fails on a back-end of its own is let go, and once it is added again it is computed without it", async () => {
  const whys: (string | null)[] = [];
  const run = async (rows: Float32Array, rowCount: number) => {
    if (rowCount > 4) throw new Error("the buffer is too large");
    return rows.slice();
  };
  const thread = createComputeThread({
    onWebAssembly: () => Promise.reject(new Error("nobody asks for it")),
    async candidatesFor(_bundle, facts, { whyNotBefore }) {
      const why = whyNotBefore("webgpu");
      whys.push(why);
      const runProfiled = async (rows: Float32Array, rowCount: number) => ({
        outputs: await run(rows, rowCount),
        kernels: [],
      });
      return [{ backend: "webgpu", model: why ?? { facts, run, runProfiled, dispose: () => undefined } }];
    },
  });
  await thread.start("cpu");
  // Each look at the clock comes sooner after the one before: what is timed later is faster.
  let [ms, stepMs] = [0, 1_000];
  const clock = vi.spyOn(performance, "now").mockImplementation(() => {
    stepMs /= 1.1;
    ms += stepMs;
    return ms;
  });
  onTestFinished(() => clock.mockRestore());
  const layer = { kernel: Float32Array.of(1, 0, 0, 1), bias: new Float32Array(2), activation: "linear" } as const;
  const bundle = packDenseModel([layer]);
  const rows = Float32Array.from({ length: 20 }, (_, i) => i + 1);
  const task = { modelSha256: "m", rows, rowCount: 10, jobId: "j", roundIndex: 0, isProbe: false };
  await thread.addModel("m", bundle);
  await expect(thread.run(task)).rejects.toThrow("the buffer is too large");
  expect(await thread.holdsModel("m")).toBe(false);
  await thread.addModel("m", bundle);
  const { outputs, backend, choice } = await thread.run(task);
  expect(outputs).toEqual(rows);
  expect(whys).toEqual([null, "the buffer is too large"]);
  expect(backend).toBe("cpu");
  expect(choice).toMatchObject({ backend, tried: [{ backend }, { backend: "webgpu", problem: whys[1] }] });
});

test("[PR109] a model that is wanted on WebAssembly is computed there, whatever the thread computes with else", async () => {
  const layer = { kernel: Float32Array.of(1, 0, 0, 1), bias: new Float32Array(2), activation: "linear" } as const;
  const bundle = packDenseModel([layer]);
  const thread = createComputeThread({
    onWebAssembly: async (bytes) => await createPlainRuntime().load(bytes),
    candidatesFor: async () => [],
  });
  await thread.start("cpu");
  const rows = Float32Array.of(1, 2);
  const task = { rows, rowCount: 1, jobId: "j", roundIndex: 0, isProbe: false };
  await thread.addModel("m", bundle);
  await thread.addModel(onWebAssembly("m"), bundle);
  expect(await thread.run({ ...task, modelSha256: "m" })).toMatchObject({ backend: "cpu", outputs: rows });
  expect(await thread.run({ ...task, modelSha256: onWebAssembly("m") })).toMatchObject({
    backend: "wasm",
    outputs: rows,
  });
});
