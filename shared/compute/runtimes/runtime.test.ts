import * as tf from "@tensorflow/tfjs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { wasmPathForNode } from "../../../server/numerics/tfjs-wasm-path.ts";
import type { ModelRuntime } from "../model-runtime.ts";
import { PROBE_INPUT_SIZE, probeBundle } from "../probe.ts";
import { createOnnxRuntime } from "./onnx/onnx-runtime.ts";
import { type RuntimeContractOptions, runtimeContractCases } from "./runtime.contract.ts";
import { createPlainRuntime } from "./tfjs/plain-runtime.ts";
import { createTfjsRuntime } from "./tfjs/tfjs-runtime.ts";

const layers = {
  format: "layers-model",
  convolutions: true,
  tensorCount: () => tf.memory().numTensors,
} as const;
const graph = { ...layers, format: "graph-model" } as const;

// Caught from before the first back-end starts, for that is when tfjs would greet us.
const warnings: unknown[] = [];
const warn = console.warn;
console.warn = (...args: unknown[]) => warnings.push(args);
afterAll(() => {
  console.warn = warn;
});

function keepsTheContract(name: string, create: () => Promise<ModelRuntime>, options: RuntimeContractOptions): void {
  describe(name, () => {
    let runtime: ModelRuntime;
    beforeAll(async () => {
      runtime = await create();
    });
    for (const { name: fact, check } of runtimeContractCases(options)) it(fact, () => check(runtime));
  });
}

const onCpu = () => createTfjsRuntime("cpu");
const onWasm = () => createTfjsRuntime("wasm", { wasmPath: wasmPathForNode() });
keepsTheContract("plain runtime", async () => createPlainRuntime(), { format: "layers-model", convolutions: false });
keepsTheContract("tfjs Layers on cpu", onCpu, layers);
keepsTheContract("tfjs Layers on wasm", onWasm, layers);
keepsTheContract("tfjs Graph on cpu", onCpu, graph);
keepsTheContract("tfjs Graph on wasm", onWasm, graph);
keepsTheContract("onnxruntime on wasm", async () => createOnnxRuntime(), { format: "onnx", convolutions: true });

describe("tfjs runtimes side by side", () => {
  it("each runs on its own back-end even when calls overlap, as the profile says", async () => {
    const [cpu, wasm] = [await createTfjsRuntime("cpu"), await createTfjsRuntime("wasm")];
    const models = await Promise.all([cpu.load(probeBundle()), wasm.load(probeBundle())]);
    const rows = new Float32Array(2 * PROBE_INPUT_SIZE).fill(0.5);
    const runs = await Promise.all(models.map((model) => model.runProfiled(rows, 2)));
    for (const [i, backend] of ["cpu", "wasm"].entries()) {
      expect(runs[i]!.kernels).toContain(`${backend}:_FusedMatMul`);
      expect(runs[i]!.kernels.every((kernel) => kernel.startsWith(`${backend}:`))).toBe(true);
    }
    for (const model of models) model.dispose();
  });

  it("nothing is written to the console in Node", () => {
    expect(warnings).toEqual([]);
  });

  it("webgl says that it cannot start where there is none", async () => {
    await expect(createTfjsRuntime("webgl")).rejects.toThrow(/webgl/);
  });
});
