import { expect, test } from "vitest";
import { simulationRandom } from "../../shared/random/simulation-random.ts";
import type { ImageSet } from "../datasets/image-set.ts";
import { run } from "./tolerance.ts";

const ROWS = 16;
const SHAPES = {
  mnist: { rows: 28, columns: 28, channels: 1 },
  fashion: { rows: 28, columns: 28, channels: 1 },
  cifar: { rows: 32, columns: 32, channels: 3 },
} as const;

/** Nothing is fetched for a test: noise of the right shape is no easier on a back-end. */
async function noiseNamed(name: string): Promise<ImageSet> {
  const shape = SHAPES[name as keyof typeof SHAPES];
  const random = simulationRandom(11);
  const length = ROWS * shape.rows * shape.columns * shape.channels;
  const images = Uint8Array.from({ length }, () => Math.floor(256 * random.uniform()));
  return { name: name as keyof typeof SHAPES, images, labels: new Uint8Array(ROWS), count: ROWS, ...shape };
}

test("[SE1] back-ends in this process lie far within the tolerance of float32, on every model, and the table says so", async () => {
  const options = { seed: 3, progress: () => {}, rows: ROWS, withBrowser: false, setNamed: noiseNamed };
  const { rows, tables } = await run(options);
  const models = new Set(rows.map(({ model }) => model));
  expect(models).toEqual(new Set(["probe", "mnist-mlp", "mnist-cnn", "fashion-cnn", "cifar-resnet"]));
  const pairs = new Set(rows.map(({ one, other }) => `${one} ${other}`));
  expect(pairs).toEqual(new Set(["plain wasm", "plain cpu", "wasm cpu"]));
  const verdicts = tables![0]!.rows.map(({ precision, verdict }) => [precision, verdict]);
  expect(verdicts).toEqual([
    ["float32", "holds"],
    ["float32", "holds"],
    ["float16", "not measured: it takes a browser"],
    ["float16", "not measured: it takes a browser"],
  ]);
});
