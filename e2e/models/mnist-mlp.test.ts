import { stat } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { tfjsWasmFiles } from "../../server/numerics/runtime-assets.ts";
import { loadMnist, MNIST_MODEL_FILES } from "../../server/samples/mnist.ts";
import { loadMnistModel } from "../../server/samples/mnist-model.ts";
import { createPlainRuntime } from "../../shared/compute/runtimes/tfjs/plain-runtime.ts";
import { createTfjsRuntime } from "../../shared/compute/runtimes/tfjs/tfjs-runtime.ts";

const CLASSES = 10;

describe("the sample model", () => {
  it("gets at least 98 % of the 10,000 MNIST test images right, on tfjs wasm", async () => {
    const test = await loadMnist("test");
    const runtime = await createTfjsRuntime("wasm", tfjsWasmFiles());
    const model = await runtime.load(await loadMnistModel());
    const outputs = await model.run(
      Float32Array.from(test.images, (pixel) => pixel / 255),
      test.count,
    );
    model.dispose();
    const hits = test.labels.reduce((sum, label, i) => sum + (argmax(outputs, i) === label ? 1 : 0), 0);
    console.log(`mnist-mlp: ${hits} of ${test.count} test images right`);
    expect(test.count).toBe(10_000);
    expect(hits / test.count).toBeGreaterThanOrEqual(0.98);
  });

  it("gives logits, and the same ones in plain TypeScript", async () => {
    const test = await loadMnist("test");
    const rows = Float32Array.from(test.images.subarray(0, 100 * 784), (pixel) => pixel / 255);
    const wasm = await createTfjsRuntime("wasm", tfjsWasmFiles());
    const models = await Promise.all([
      wasm.load(await loadMnistModel()),
      createPlainRuntime().load(await loadMnistModel()),
    ]);
    const [fast, plain] = [await models[0].run(rows, 100), await models[1].run(rows, 100)];
    for (const [i, value] of plain.entries()) expect(Math.abs(fast[i]! - value)).toBeLessThan(1e-3);
    expect(Math.min(...plain)).toBeLessThan(-1);
    models[0].dispose();
  });

  it("is 784-200-100-10, and smaller than 1 MB", async () => {
    const { facts } = await createPlainRuntime().load(await loadMnistModel());
    expect(facts).toEqual({
      inputShape: [784],
      inputs: [{ name: "input", shape: [784], dtype: "float32" }],
      inputSize: 784,
      outputSize: 10,
      macsPerQuery: 784 * 200 + 200 * 100 + 100 * 10,
      weightBytes: 4 * 178_110,
      activationsPerQuery: 784 + 200 + 100,
      numbersPerRun: 0,
    });
    const paths = [MNIST_MODEL_FILES.modelJson, ...MNIST_MODEL_FILES.weights.map(({ path }) => path)];
    const sizes = await Promise.all(paths.map(async (path) => (await stat(path)).size));
    expect(sizes.reduce((a, b) => a + b)).toBeLessThan(1e6);
  });
});

function argmax(outputs: Float32Array, row: number): number {
  const own = outputs.subarray(row * CLASSES, (row + 1) * CLASSES);
  return own.indexOf(Math.max(...own));
}
