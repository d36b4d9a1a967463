/** No honest card is named: random networks that magnify rounding, cards that add as real ones do, judged by real trusted runs. */
import { expect, test } from "vitest";
import { cardSums } from "../../../../e2e/crowd/card-sums.ts";
import type { Implementation, LoadedModel } from "../../../../shared/compute/model-runtime.ts";
import { isOrder } from "../../../../shared/compute/orders.ts";
import { type DenseLayer, packDenseModel } from "../../../../shared/compute/runtimes/tfjs/dense-model.ts";
import { trusted } from "../../../../shared/compute/runtimes/tfjs/trusted-tfjs.ts";
import type { RandomSource } from "../../../../shared/random/random.ts";
import { normal, simulationRandom } from "../../../../shared/random/simulation-random.ts";
import { rowAgrees } from "../../../../shared/verify/compare-rows.ts";
import type { ModelReference, RunManner } from "../../../numerics/numerics-references.ts";
import { tfjsWasmFiles } from "../../../numerics/runtime-assets.ts";
import { CLASSIFICATION } from "./answer-rule.ts";
import type { Computing } from "./job-data.ts";
import { Suspicions } from "./suspicions.ts";

const NETWORKS = 60;
const ROWS = 6;
const WIDTH = 24;

/** Deep ones stretch rounding; pairs of large weights that nearly cancel lose it in one layer. */
function drawnLayers(random: RandomSource): DenseLayer[] {
  const gain = 1 + 9 * random.uniform();
  const large = random.uniform() < 0.5 ? 2 ** (12 + random.integer(10)) : 0;
  return Array.from({ length: 2 + random.integer(14) }, (_, layer) => {
    const kernel = Float32Array.from({ length: WIDTH * WIDTH }, () => (gain * normal(random)) / Math.sqrt(WIDTH));
    if (layer === 0 && large > 0) {
      // Rows of the kernel in pairs: what one adds the next takes away.
      for (let at = 0; at < kernel.length; at++) kernel[at]! += Math.floor(at / WIDTH) % 2 === 0 ? large : -large;
    }
    const bias = Float32Array.from({ length: WIDTH }, () => normal(random));
    return { kernel, bias, activation: random.uniform() < 0.5 ? "tanh" : "relu" };
  });
}

/** What a card makes of a row: sums in its order, and operands that it may have rounded up or down. */
function onCard(layers: readonly DenseLayer[], row: Float32Array, random: RandomSource): Float32Array {
  const sums = Object.values(cardSums(random));
  const sum = sums[random.integer(sums.length)]!;
  const unit = random.uniform() < 0.5 ? 2 ** -24 : 0;
  let values = row;
  for (const { kernel, bias, activation } of layers) {
    const rounded = values.map((value) => value * (1 + (random.integer(3) - 1) * unit));
    values = Float32Array.from({ length: WIDTH }, (_, c) => {
      const products = rounded.map((value, i) => value * kernel[i * WIDTH + c]!);
      const total = Math.fround(sum(products) + bias[c]!);
      return activation === "relu" ? Math.max(0, total) : Math.tanh(total);
    });
  }
  return values;
}

test("[PC11] of networks that magnify rounding no honest card is named, whatever its order, and who is off by more than any order is", {
  timeout: 300_000,
}, async () => {
  const files = tfjsWasmFiles();
  const load = async (bundle: Uint8Array, implementation: Implementation): Promise<LoadedModel> =>
    (await (isOrder(implementation) ? trusted.inOrder(implementation, files) : trusted[implementation](files))).load(
      bundle,
    );
  const seen = { agrees: 0, excused: 0, lies: 0 };
  for (let seed = 1; seed <= NETWORKS; seed++) {
    const random = simulationRandom(seed);
    const layers = drawnLayers(random);
    const model: ModelReference = { sha256: `m${seed}`, bundle: packDenseModel(layers), jobId: "job" };
    const models = new Map<Implementation, Promise<LoadedModel>>();
    const executor = {
      run: async (
        _: string,
        { inputs, rowCount, manner }: { inputs: Float32Array; rowCount: number; manner?: Partial<RunManner> },
      ) => {
        const { implementation = "first" } = manner ?? {};
        const loaded = models.get(implementation) ?? load(model.bundle, implementation);
        models.set(implementation, loaded);
        return (await loaded).run(inputs, rowCount);
      },
    };
    const job = { outputSize: WIDTH, inputSize: WIDTH, sensitivity: null };
    const data = { job, source: { values: new Float32Array(WIDTH), inputSize: WIDTH, scale: 1 } };
    const computing = { data, executor, secretRandom: simulationRandom(seed), jobSecret: null } as unknown as Computing;
    const suspicions = new Suspicions(computing, CLASSIFICATION, () => {});
    let asked = 0;
    const judged = async (input: Float32Array, expected: Float32Array, received: Float32Array) => {
      asked++;
      suspicions.hold(asked, {
        sent: { volunteerId: "card", roundIndex: 0, workerIndex: 0 },
        ...{ precision: "float32", model, macsPerQuery: 1, onCleared: () => {} },
        rows: [{ row: 0, input, expected, received }],
      });
      const [one] = await suspicions.judge(asked, ["card"], new Set(["card"]));
      return one!.verdict;
    };
    for (let r = 0; r < ROWS; r++) {
      const drawn = Float32Array.from({ length: WIDTH }, () => normal(random));
      // In pairs, so that large weights cancel.
      const input = large(layers) ? drawn.map((_, i) => drawn[i - (i % 2)]!) : drawn;
      const expected = await executor.run("run", { inputs: input, rowCount: 1 });
      const received = onCard(layers, input, random);
      if (rowAgrees(expected, received, CLASSIFICATION.tolerance.float32)) {
        seen.agrees++;
        // Where no order moves it a lie beside it is one.
        const lie = received.map((value, c) => (c === 0 ? value + 100 : value));
        if (large(layers)) continue;
        if ((await judged(input, expected, lie)) === "differs") seen.lies++;
        continue;
      }
      const verdict = await judged(input, expected, received);
      expect(verdict, `network ${seed}, row ${r}`).not.toBe("differs");
      seen.excused++;
    }
    for (const loaded of models.values()) (await loaded).dispose();
  }
  // Both are met often.
  expect(seen.excused).toBeGreaterThan(20);
  expect(seen.lies).toBeGreaterThan(50);
});

function large([first]: readonly DenseLayer[]): boolean {
  return first!.kernel.some((value) => Math.abs(value) > 100);
}
