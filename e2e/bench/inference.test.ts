/** On few images: that the table's parts fit together. What it says of whole test sets is the bench's own business. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { loadMnist } from "../../server/samples/mnist.ts";
import { encodeNpy } from "../../shared/protocol/npy.ts";
import { MODEL_FOLDERS } from "../models/model-files.ts";
import { inference, run } from "./inference.ts";
import { ownCaseOf } from "./inference-case.ts";
import { arrivedIn, placesIn } from "./inference-losses.ts";
import type { Measurement } from "./measurement.ts";

const LIMIT = 491; // not a multiple of any K: the last group is padded

let table: Measurement;
beforeAll(async () => {
  table = await run({ seed: 3, progress: () => {}, datasets: ["mnist"], limit: LIMIT });
}, 120_000);

const find = (model: string, queryCount: number, stragglers: number, scheme: string) =>
  table.rows.find(
    (row) =>
      row.model === model && row.queryCount === queryCount && row.stragglers === stragglers && row.scheme === scheme,
  )!;

describe("the table", () => {
  test("has every scheme in every setting, and parm where there is a parity model", () => {
    // 2 models, 3 K, 3 S, 11 schemes, and parm of the MLP with one straggler wherever there is a model.
    const parityModels = Object.keys(MODEL_FOLDERS).filter((name) => name.startsWith("mnist-mlp-parity-"));
    expect(table.rows).toHaveLength(2 * 9 * 11 + parityModels.length);
    expect(find("mnist-mlp", 8, 1, "parm")).toBeDefined();
    expect(table.name).toBe(inference.name);
    for (const { base, overall, degraded } of table.rows) {
      for (const share of [base, overall, degraded] as number[]) expect(share >= 0 && share <= 1).toBe(true);
    }
  });

  test("what is lost is a share S / (K+S) of the queries: a guess hits a tenth of them", () => {
    for (const queryCount of [8, 10, 12]) {
      for (const stragglers of [1, 2, 3]) {
        const { base, overall, degraded } = find("mnist-mlp", queryCount, stragglers, "drop and guess");
        expect(degraded).toBeCloseTo(0.1, 12);
        const lostShare = stragglers / (queryCount + stragglers);
        const expected = (1 - lostShare) * (base as number) + lostShare * 0.1;
        expect(Math.abs((overall as number) - expected)).toBeLessThan(0.03);
      }
    }
  });

  test("raw answers are the model's in every scheme that has them: only what is lost differs", () => {
    // overall = (1 - f) available + f degraded; groups alike have the same losses.
    const parities = find("mnist-cnn", 10, 2, "systematic (parities)");
    const neighbours = find("mnist-cnn", 10, 2, "systematic (neighbours)");
    const gained = (neighbours.overall as number) - (parities.overall as number);
    const lostShare = gained / ((neighbours.degraded as number) - (parities.degraded as number));
    expect(lostShare).toBeCloseTo(2 / 12, 1);
  });

  test("systematic is one of its two estimators", () => {
    for (const row of table.rows.filter(({ scheme }) => scheme === "systematic")) {
      const [model, queryCount, stragglers] = [row.model, row.queryCount, row.stragglers] as [string, number, number];
      const ways = ["parities", "neighbours"].map((way) => find(model, queryCount, stragglers, `systematic (${way})`));
      expect(ways.map(({ overall }) => overall)).toContain(row.overall);
    }
  });

  test("every answer of approxifer is an estimate where no point is a data point", () => {
    const { overall, degraded } = find("mnist-mlp", 8, 1, "approxifer");
    expect(degraded).toBe(overall);
  });
});

describe("losses", () => {
  test("S of K+S are lost in each group, each equally often, the same ones at every call", () => {
    const lost = new Uint32Array(10);
    for (let group = 0; group < 5_000; group++) {
      const arrived = arrivedIn(1, 8, 2, group);
      expect(arrived).toEqual(arrivedIn(1, 8, 2, group));
      expect(arrived).toHaveLength(8);
      for (let i = 0; i < 10; i++) if (!arrived.includes(i)) lost[i]! += 1;
    }
    // 1,000 expected, standard deviation 28.
    for (const count of lost) expect(Math.abs(count - 1_000)).toBeLessThan(140);
    expect([...placesIn(1, 8, 5)].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });
});

test("a model of one's own goes through the same table", async () => {
  const folder = await mkdtemp(join(tmpdir(), "paritab-inference-"));
  try {
    const { images, labels } = await loadMnist("test");
    const [queries, own] = [images.slice(0, 96 * 784), labels.slice(0, 96)];
    await writeFile(join(folder, "q.npy"), encodeNpy({ dtype: "U8", shape: [96, 28, 28], data: queries }));
    await writeFile(join(folder, "l.npy"), encodeNpy({ dtype: "U8", shape: [96], data: own }));
    await writeFile(join(folder, "short.npy"), encodeNpy({ dtype: "U8", shape: [95], data: own.slice(1) }));
    const flags = {
      model: MODEL_FOLDERS["mnist-mlp"],
      queries: join(folder, "q.npy"),
      labels: join(folder, "l.npy"),
      "input-scale": String(1 / 255),
    };
    const { rows } = await inference.run({ seed: 1, progress: () => {}, flags });
    expect(rows).toHaveLength(9 * 11);
    expect(rows.every(({ base, dataset }) => (base as number) > 0.95 && dataset === "own")).toBe(true);
    const short = inference.run({
      seed: 1,
      progress: () => {},
      flags: { ...flags, labels: join(folder, "short.npy") },
    });
    await expect(short).rejects.toThrow(/n labels, got shape \(96,28,28\) and \(95\)/);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("a model of one's own needs all three files and a scale that is a number", () => {
  const scale = { "input-scale": "0.5" };
  expect(ownCaseOf(scale)).toBeNull();
  expect(() => ownCaseOf({ ...scale, model: "m" })).toThrow(/together/);
  const all = { model: "m", queries: "q.npy", labels: "l.npy" };
  expect(ownCaseOf({ ...all, ...scale })).toEqual({
    modelFolder: "m",
    queriesFile: "q.npy",
    labelsFile: "l.npy",
    inputScale: 0.5,
  });
  expect(() => ownCaseOf({ ...all, "input-scale": "x" })).toThrow(/--input-scale/);
});
