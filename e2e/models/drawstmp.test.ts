import { test } from "vitest";
import { loadMnist } from "../../server/samples/mnist.ts";
import { shuffle, simulationRandom } from "../../shared/random/simulation-random.ts";
import { runAll } from "../scenarios/mnist-base.ts";
import { loadModel, MODEL_FOLDERS } from "./model-files.ts";
import { parityAccuracy } from "./parity-accuracy.ts";

test("d", async () => {
  const { images, labels, count } = await loadMnist("test");
  const [base, parity] = await Promise.all(
    [MODEL_FOLDERS["mnist-mlp"], process.env.PAR ?? MODEL_FOLDERS["mnist-mlp-parity-8"]].map(loadModel),
  );
  const queries = Float32Array.from(images, (p) => p / 255);
  const outputs = await runAll(base!, queries, count);
  const all: number[] = [];
  for (let d = 0; d < 20; d++)
    all.push(
      await parityAccuracy(
        8,
        { queries, outputs, outputSize: 10, labels, count },
        shuffle(Uint32Array.from(labels.keys()), simulationRandom(100 + d)),
        (s, n) => runAll(parity!, s, n),
      ),
    );
  console.log("DRAWS", all.map((x) => x.toFixed(3)).join(" "), "mean", all.reduce((a, b) => a + b) / 20);
});
