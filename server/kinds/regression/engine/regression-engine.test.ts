import { describe, expect, test } from "vitest";
import { createPlainKernels } from "../../../../shared/compute/field/plain-kernels.ts";
import { MODULUS } from "../../../../shared/field/modulus.ts";
import { matrixProduct } from "../../../../shared/field/products.ts";
import { normal, simulationRandom } from "../../../../shared/random/simulation-random.ts";
import { planRun } from "../../../coded/core/run-plan.ts";
import { RoundsEngine } from "../../../coded/engine/rounds-engine.ts";
import { secretRandom } from "../../../numerics/secret-random.ts";
import { RegressionNumerics, type TrainingJob } from "./regression-engine.ts";

const random = simulationRandom(43_001);
const [ROWS, COLUMNS] = [23, 8];
const values = Float64Array.from({ length: ROWS * COLUMNS }, () => normal(random));
const labels = Float64Array.from({ length: ROWS }, (_, r) => (values[r * COLUMNS]! > 0 ? 1 : 0));

function jobOf(changes: Partial<TrainingJob> = {}, colluders = 2): TrainingJob {
  return {
    plan: planRun({ scheme: "avcc", dataVolunteers: 4, stragglers: 1, liars: 1, colluders }),
    kind: "logistic",
    features: { values, rows: ROWS, columns: COLUMNS, inputScale: 1 },
    labels,
    rounding: null,
    optimizer: { rate: 0.1, momentum: 0, l2: 0 },
    ...changes,
  };
}

function newEngine(): RoundsEngine<TrainingJob> {
  return new RoundsEngine((job) => new RegressionNumerics(job), createPlainKernels(), secretRandom);
}

function engineOf(job: TrainingJob): RoundsEngine<TrainingJob> {
  const engine = newEngine();
  engine.prepare(job, null);
  return engine;
}

const CODE = { generation: 1, blockCount: 4, maskCount: 2 };

describe("shards of a T-private job", () => {
  test("no shard, of X or of X^T, of any generation, is another or the data; and every one decodes", async () => {
    const engine = engineOf(jobOf());
    const indices = [0, 1, 2, 3, 4, 5, 6, 7];
    const first = await engine.shardsOf(CODE, indices);
    const second = await engine.shardsOf({ ...CODE, generation: 2 }, indices);
    const all = [...first, ...second].flatMap(({ forward, backward }) => [forward.join(), backward!.join()]);
    expect(new Set(all).size).toBe(4 * indices.length);
    // Quantized features are small; a masked shard's residues are spread over the whole field.
    for (const { forward, backward } of first) {
      for (const shard of [forward, backward]) {
        const small = shard!.filter((residue) => residue < 2 ** 20 || residue > MODULUS - 2 ** 20).length;
        expect(small / shard!.length).toBeLessThan(0.1);
      }
    }
    const decodedBy = (generation: number, shards: typeof first, used: number[]) => {
      const { residues, width } = engine.vectorOf("forward");
      const { height, columns } = engine.shapesOf(generation).forward;
      const results = used.map((shardIndex) => ({
        shardIndex,
        residues: matrixProduct(shards[shardIndex]!.forward, height, columns, residues, width, MODULUS),
      }));
      expect(results.every((result) => engine.verify(generation, "forward", result))).toBe(true);
      expect(engine.decode(generation, "forward", results, false)).toEqual({ kind: "decoded", wrongShards: [] });
      return engine.link().loss;
    };
    engine.restore({
      iteration: 1,
      arrays: { weights: values.slice(0, COLUMNS), lookahead: values.slice(0, COLUMNS) },
    });
    const losses = [
      decodedBy(1, first, [0, 1, 2, 3, 4, 5]),
      decodedBy(1, first, [7, 6, 5, 4, 3, 2]),
      decodedBy(2, second, [1, 3, 4, 5, 6, 7]),
    ];
    expect(new Set(losses).size).toBe(1);
    engine.releaseCode(1);
    expect(() => engine.shapesOf(1)).toThrow(/generation that is held, got 1/);
  });

  test("a volunteer that joins gets a shard of the same code, with a key of its own", async () => {
    const engine = engineOf(jobOf());
    await engine.shardsOf(CODE, [0]);
    const [joined] = await engine.shardsOf(CODE, [19]);
    engine.restore({
      iteration: 1,
      arrays: { weights: values.slice(0, COLUMNS), lookahead: values.slice(0, COLUMNS) },
    });
    const { residues, width } = engine.vectorOf("forward");
    const { height, columns } = engine.shapesOf(1).forward;
    const result = matrixProduct(joined!.forward, height, columns, residues, width, MODULUS);
    expect(engine.verify(1, "forward", { shardIndex: 19, residues: result })).toBe(true);
    expect(engine.verify(1, "forward", { shardIndex: 18, residues: result })).toBe(false);
    expect(engine.isWellFormed(1, "forward", result)).toBe(true);
    expect(engine.isWellFormed(1, "forward", result.slice(1))).toBe(false);
    expect(engine.isWellFormed(1, "forward", result.with(0, MODULUS))).toBe(false);
  });
});

test("plain shards are views of the data: a systematic code copies nothing but its padding", async () => {
  const engine = engineOf(jobOf({}, 0));
  const [first, second] = await engine.shardsOf({ generation: 1, blockCount: 4, maskCount: 0 }, [0, 1, 5]);
  expect(first!.forward.buffer).toBe(second!.forward.buffer);
  expect(engine.shapesOf(1)).toEqual({ forward: { height: 6, columns: 8 }, backward: { height: 2, columns: 23 } });
});

test("held-out rows are evaluated after each update; weights go back to a checkpoint", () => {
  const validation = {
    features: { values: values.slice(0, 5 * COLUMNS), rows: 5, columns: COLUMNS, inputScale: 1 },
    labels: labels.slice(0, 5),
  };
  const engine = engineOf(jobOf({ validation }, 0));
  const before = engine.checkpoint();
  const evaluation = engine.update();
  expect(evaluation?.loss).toBeCloseTo(Math.log(2), 12);
  expect(evaluation?.accuracy).toBeGreaterThanOrEqual(0);
  engine.restore({ iteration: 0, arrays: { ...before, weights: before.weights!.fill(3) } });
  expect(engine.checkpoint().weights!.every((weight) => weight === 3)).toBe(true);
});

describe("bad input, in words for whoever sent it", () => {
  test.each([
    ["labels of another kind", { labels: labels.map((_, r) => r % 3) }, /logistic regression: expected exactly two/],
    ["too few labels", { labels: labels.slice(1) }, /y: expected 23 labels, one a row of X, got 22/],
    [
      "NaN",
      { features: { values: values.with(9, Number.NaN), rows: ROWS, columns: COLUMNS, inputScale: 1 } },
      /row 1, column 1/,
    ],
    ["a rate that is none", { optimizer: { rate: -1, momentum: 0, l2: 0 } }, /rate > 0/],
    [
      "held-out labels that training does not know",
      {
        validation: {
          features: { values: values.slice(0, COLUMNS), rows: 1, columns: COLUMNS, inputScale: 1 },
          labels: [7],
        },
      },
      /labels of the training rows, got 7/,
    ],
    [
      "held-out rows of another width",
      { validation: { features: { values: values.slice(0, 3), rows: 1, columns: 3, inputScale: 1 }, labels: [1] } },
      /8 columns/,
    ],
  ])("%s", (_, changes, message) => {
    const engine = newEngine();
    expect(() => engine.prepare(jobOf(changes), null)).toThrow(message);
  });
});
