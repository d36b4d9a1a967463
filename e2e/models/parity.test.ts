import { stat } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadMnist } from "../../server/samples/mnist.ts";
import { shuffle, simulationRandom } from "../../shared/random/simulation-random.ts";
import { accuracyOf, runAll } from "../proofs/scenarios/mnist-base.ts";
import { loadModel, MODEL_FOLDERS, type ModelFolderName } from "./model-files.ts";
import { parityAccuracy } from "./parity-accuracy.ts";

/** ParM's authors, ResNet-18 on MNIST, K = 8, as ApproxIFER's (arXiv 2109.09868) report it. */
const AUTHORS_DEGRADED = 0.683;
const SEED = 11;
const PARITY_MODELS = (Object.keys(MODEL_FOLDERS) as ModelFolderName[]).filter((name) => name.includes("-parity-"));

describe("parity models of the sample model", () => {
  it.each([
    [8, 0.66],
    [12, 0.52],
  ] as const)(
    "K = %i: decodes at least %f of lost labels in random groups of all 10,000 test images",
    async (k, least) => {
      const { images, labels, count } = await loadMnist("test");
      const [base, parity] = await Promise.all(
        [MODEL_FOLDERS["mnist-mlp"], MODEL_FOLDERS[`mnist-mlp-parity-${k}`]].map(loadModel),
      );
      const queries = Float32Array.from(images, (pixel) => pixel / 255);
      const outputs = await runAll(base!, queries, count);
      const { outputSize } = base!.facts;
      const answered = { queries, outputs, outputSize, labels, count };
      // Five groupings, so that the figure does not hang on one.
      let degraded = 0;
      for (let draw = 0; draw < 5; draw++) {
        const order = shuffle(Uint32Array.from(labels.keys()), simulationRandom(SEED + draw));
        degraded += (await parityAccuracy(k, answered, order, (sums, n) => runAll(parity!, sums, n))) / 5;
      }
      const baseAccuracy = accuracyOf(outputs, labels, outputSize);
      const authors = k === 8 ? ` (authors ${AUTHORS_DEGRADED})` : "";
      console.log(`parm, K = ${k}: degraded ${degraded.toFixed(4)}${authors}, base ${baseAccuracy}`);
      expect(degraded).toBeGreaterThanOrEqual(least);
      // A parity that says nothing decodes what chance and the base rate give.
      const order = shuffle(Uint32Array.from(labels.keys()), simulationRandom(SEED));
      const silent = await parityAccuracy(k, answered, order, async (_, n) => new Float32Array(n * outputSize));
      expect(silent).toBeLessThan(0.3);
      base!.dispose();
      parity!.dispose();
    },
  );

  it.each(PARITY_MODELS)("%s is smaller than 1 MB and takes what its base model takes", async (name) => {
    const folder = MODEL_FOLDERS[name];
    const sizes = await Promise.all(["model.json", "weights.bin"].map(async (f) => (await stat(join(folder, f))).size));
    expect(sizes.reduce((a, b) => a + b)).toBeLessThan(1e6);
    const { facts } = await loadModel(folder);
    expect([facts.inputSize, facts.outputSize]).toEqual([784, 10]);
  });
});
