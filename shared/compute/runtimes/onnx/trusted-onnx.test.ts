import * as ort from "onnxruntime-web/wasm";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { OnnxLibrary } from "./onnx-runtime.ts";
import { packOnnx } from "./pack-onnx.ts";
import { node } from "./testing/operator-case.ts";
import { smallOnnx } from "./testing/small-onnx.ts";
import { trustedOnnx } from "./trusted-onnx.ts";

const RELU = packOnnx(
  smallOnnx({ input: { name: "x", shape: [-1, 3] }, outputs: ["y"], nodes: [node("Relu", ["x"])], weights: [] }),
);

const IN_BYTES = packOnnx(
  smallOnnx({
    input: { name: "x", shape: [-1, 3] },
    outputs: ["y"],
    nodes: [node("QuantizeLinear", ["x", "scale"], {}, ["q"]), node("DequantizeLinear", ["q", "scale"])],
    weights: [{ name: "scale", shape: [], values: Float32Array.of(0.5) }],
  }),
);

/** Stands for the native build: computes as WebAssembly does, unless it takes no model. */
function nativeLibrary(takesModels: boolean) {
  const created: (ort.InferenceSession.SessionOptions | undefined)[] = [];
  const create = async (file: Uint8Array, options?: ort.InferenceSession.SessionOptions) => {
    created.push(options);
    if (!takesModels) throw new Error("no kernel for it");
    return original(file, { ...options, executionProviders: ["wasm"] });
  };
  const library = { Tensor: ort.Tensor, InferenceSession: { create } } as unknown as OnnxLibrary;
  return { library, created };
}

const original = ort.InferenceSession.create.bind(ort.InferenceSession);

/** Options of the sessions that WebAssembly makes. */
function watchWasm() {
  const made: (ort.InferenceSession.SessionOptions | undefined)[] = [];
  vi.spyOn(ort.InferenceSession, "create").mockImplementation((async (file: Uint8Array, options?: object) => {
    made.push(options);
    return original(file, options);
  }) as typeof ort.InferenceSession.create);
  return made;
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe("ONNX models on the trusted side", () => {
  it("[VF12] run on the native build on one thread, and on what tabs have as the second implementation", async () => {
    const { library, created } = nativeLibrary(true);
    const wasm = watchWasm();
    const { first, second } = trustedOnnx(async () => library);
    const one = await (await first({})).load(RELU);
    expect(created).toMatchObject([{ executionProviders: ["cpu"], intraOpNumThreads: 1, interOpNumThreads: 1 }]);
    expect(wasm).toEqual([]);
    const other = await (await second({})).load(RELU);
    expect(wasm).toHaveLength(1);
    expect(wasm[0]).not.toHaveProperty("graphOptimizationLevel");
    const rows = new Float32Array(one.facts.inputSize).fill(-1).fill(2, 1);
    expect(await other.run(rows, 1)).toEqual(await one.run(rows, 1));
  });

  it("that the native build does not take, or that compute in bytes, run on WebAssembly, the second time with nothing fused", async () => {
    for (const [bundle, takesModels] of [
      [RELU, false],
      [IN_BYTES, true],
    ] as const) {
      const { library, created } = nativeLibrary(takesModels);
      const wasm = watchWasm();
      const { first, second } = trustedOnnx(async () => library);
      await (await first({})).load(bundle);
      await (await second({})).load(bundle);
      expect(created.length > 0).toBe(bundle === RELU);
      expect(wasm.map((options) => options?.graphOptimizationLevel)).toEqual([undefined, "disabled"]);
    }
  });

  it("run on WebAssembly where there is no native build, the second time with nothing fused", async () => {
    const wasm = watchWasm();
    const { first, second } = trustedOnnx(async () => null);
    await (await first({})).load(RELU);
    await (await second({})).load(RELU);
    expect(wasm.map((options) => options?.graphOptimizationLevel)).toEqual([undefined, "disabled"]);
  });
});
