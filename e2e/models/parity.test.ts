import { stat } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadMnist } from "../../server/samples/mnist.ts";
import { shuffle, simulationRandom } from "../../shared/random/simulation-random.ts";
import { accuracyOf, runAll } from "../scenarios/mnist-base.ts";
import { loadModel, MODEL_FOLDERS } from "./model-files.ts";
import { parityAccuracy } from "./parity-accuracy.ts";

/** ParM's authors, ResNet-18 on MNIST, K = 8, as ApproxIFER's (arXiv 2109.09868) report it. */
const AUTHORS_DEGRADED = 0.683;
const LEAST_DEGRADED = 0.66;
const SEED = 11;

describe("the parity model of the sample model, K = 8", () => {
  it(`decodes at least ${LEAST_DEGRADED} of lost labels in random groups of all 10,000 test images`, async () => {
    const { images, labels, count } = await loadMnist("test");
    const [base, parity] = await Promise.all(
      [MODEL_FOLDERS["mnist-mlp"], MODEL_FOLDERS["mnist-mlp-parity-8"]].map(loadModel),
    );
    const queries = Float32Array.from(images, (pixel) => pixel / 255);
    const outputs = await runAll(base!, queries, count);
    const { outputSize } = base!.facts;
    const answered = { queries, outputs, outputSize, labels, count };
    // Five groupings, so that the figure does not hang on one.
    let degraded = 0;
    for (let draw = 0; draw < 5; draw++) {
      const order = shuffle(Uint32Array.from(labels.keys()), simulationRandom(SEED + draw));
      degraded += (await parityAccuracy(8, answered, order, (sums, n) => runAll(parity!, sums, n))) / 5;
    }
    const baseAccuracy = accuracyOf(outputs, labels, outputSize);
    console.log(`parm, K = 8: degraded ${degraded.toFixed(4)} (authors ${AUTHORS_DEGRADED}), base ${baseAccuracy}`);
    expect(degraded).toBeGreaterThanOrEqual(LEAST_DEGRADED);
    // A parity that says nothing decodes what chance and the base rate give.
    const order = shuffle(Uint32Array.from(labels.keys()), simulationRandom(SEED));
    const silent = await parityAccuracy(8, answered, order, async (_, n) => new Float32Array(n * outputSize));
    expect(silent).toBeLessThan(0.3);
    base!.dispose();
    parity!.dispose();
  });

  it("is smaller than 1 MB and takes what the sample model takes", async () => {
    const folder = MODEL_FOLDERS["mnist-mlp-parity-8"];
    const sizes = await Promise.all(["model.json", "weights.bin"].map(async (f) => (await stat(join(folder, f))).size));
    expect(sizes.reduce((a, b) => a + b)).toBeLessThan(1e6);
    const { facts } = await loadModel(folder);
    expect([facts.inputSize, facts.outputSize]).toEqual([784, 10]);
  });
});
