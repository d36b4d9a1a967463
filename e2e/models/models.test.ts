/** Layouts and sizes of the committed models; how right they are on whole test sets. */
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { argmax } from "../../server/kinds/inference/engine/argmax.ts";
import { loadMnist } from "../../server/samples/mnist.ts";
import { loadModel, MODEL_FOLDERS, type ModelFolderName } from "./model-files.ts";

const BYTES_MAX = 2e6;
/** Another machine sums in another order. */
const LOGIT_TOLERANCE = 2e-3;
const TRAINED_IN_TORCH: ModelFolderName[] = ["mnist-cnn", "fashion-mlp", "fashion-cnn", "cifar-resnet"];

describe.each(TRAINED_IN_TORCH)("%s", (name) => {
  it("gives the outputs that its trainer gave for the same images, so layouts were moved rightly", async () => {
    const model = await loadModel(MODEL_FOLDERS[name]);
    const expected = JSON.parse(await readFile(join(MODEL_FOLDERS[name], "outputs.json"), "utf8")) as number[][];
    // As layers_files.py makes them.
    const rows = Float32Array.from(
      { length: expected.length * model.facts.inputSize },
      (_, at) => ((at * 7919) % 256) / 255,
    );
    const outputs = await model.run(rows, expected.length);
    model.dispose();
    expect(expected).toHaveLength(4);
    expected.flat().forEach((value, at) => {
      expect(Math.abs(outputs[at]! - value)).toBeLessThan(LOGIT_TOLERANCE * Math.max(1, Math.abs(value)));
    });
    expect(new Set(expected[0]).size).toBe(10);
  });

  it("is smaller than 2 MB", async () => {
    const sizes = ["model.json", "weights.bin"].map(async (file) => (await stat(join(MODEL_FOLDERS[name], file))).size);
    expect((await Promise.all(sizes)).reduce((a, b) => a + b)).toBeLessThan(BYTES_MAX);
  });
});

it("mnist-cnn gets at least 99 % of the 10,000 MNIST test images right", async () => {
  const { images, labels, count } = await loadMnist("test");
  const model = await loadModel(MODEL_FOLDERS["mnist-cnn"]);
  const { inputSize, outputSize } = model.facts;
  let hits = 0;
  for (let first = 0; first < count; first += 500) {
    const rows = Float32Array.from(
      images.subarray(first * inputSize, (first + 500) * inputSize),
      (pixel) => pixel / 255,
    );
    const outputs = await model.run(rows, 500);
    for (let r = 0; r < 500; r++) if (argmax(outputs, r, outputSize) === labels[first + r]) hits++;
  }
  model.dispose();
  console.log(`mnist-cnn: ${hits} of ${count} test images right`);
  expect(count).toBe(10_000);
  expect(hits / count).toBeGreaterThanOrEqual(0.99);
});
