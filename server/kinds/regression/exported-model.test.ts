import fc from "fast-check";
import * as ort from "onnxruntime-web/wasm";
import { beforeAll, expect, test } from "vitest";
import { writeLinearOnnx } from "../../../shared/compute/runtimes/onnx/linear-onnx.ts";
import { tableAnswers, tableProbabilities, tableScores } from "../../../shared/kinds/regression/apply-table-model.ts";
import type { TableModel, TableModelColumn } from "../../../shared/kinds/regression/table-model.ts";
import { GAP } from "../../../shared/protocol/gap.ts";
import { linearModelOf } from "./exported-model.ts";

beforeAll(() => {
  ort.env.wasm.numThreads = 1;
});

const real = fc.double({ min: -1e3, max: 1e3, noNaN: true });
const OUTPUTS = { linear: 1, logistic: 1, softmax: 3 };
const LABELS = { linear: null, logistic: ["no", "yes"], softmax: [10, 20, 30] };

const drawn = fc
  .tuple(
    fc.constantFrom("linear" as const, "logistic" as const, "softmax" as const),
    fc.array(fc.constantFrom("number", "category"), { minLength: 1, maxLength: 5 }),
    fc.constantFrom(1, 1 / 255),
  )
  .chain(([model, kinds, inputScale]) => {
    const outputs = OUTPUTS[model];
    const weights = fc.array(real, { minLength: outputs, maxLength: outputs });
    const column = (kind: string, place: number): fc.Arbitrary<TableModelColumn> =>
      kind === "number"
        ? fc.record({
            ...{ name: fc.constant(`c${place}`), kind: fc.constant("number" as const) },
            ...{ fill: real, mean: real, scale: fc.constant(1), weights },
          })
        : fc.record({
            ...{ name: fc.constant(`c${place}`), kind: fc.constant("category" as const) },
            levels: fc.constant<string[]>(["Oslo", "Rome", "Ås"]),
            ...{ means: fc.constant<number[]>([0, 0, 0]), scales: fc.constant<number[]>([1, 1, 1]) },
            weights: fc.array(weights, { minLength: 3, maxLength: 3 }),
          });
    const cell = (kind: string) => fc.oneof(kind === "number" ? real : fc.constantFrom(0, 1, 2), fc.constant(GAP));
    return fc.record({
      table: fc.record({
        ...{ format: fc.constant("paritab-table-model" as const), version: fc.constant(1 as const) },
        ...{ model: fc.constant(model), labels: fc.constant<TableModel["labels"]>(LABELS[model]) },
        columns: fc.tuple(...kinds.map(column)),
        intercept: weights,
        ...{ inputScale: fc.constant(inputScale), standardised: fc.constant(true), hasIntercept: fc.constant(true) },
        ...{ l2: fc.constant(0.1), rows: fc.constant(9), weightsOf: fc.constant(3), distance: fc.constant(null) },
      }),
      rows: fc.array(fc.tuple(...kinds.map(cell)), { minLength: 1, maxLength: 4 }),
    });
  });

test("a model that is exported says of every row what the coordinator says: gaps, unknown words and all", async () => {
  await fc.assert(
    fc.asyncProperty(drawn, async ({ table, rows }) => {
      const scores = tableScores(table, rows.flat(), rows.length);
      const feeds = table.columns.map((column, place): [string, ort.Tensor] => {
        const cells = rows.map((row) => row[place]!);
        const shape = [rows.length, 1];
        if (column.kind === "number") {
          const numbers = Float64Array.from(cells, (cell) => (cell === GAP ? Number.NaN : cell));
          return [`c${place}`, new ort.Tensor("float64", numbers, shape)];
        }
        const words = cells.map((cell, row) => column.levels[cell] ?? (row % 2 === 0 ? "" : "Atlantis"));
        return [`c${place}`, new ort.Tensor("string", words, shape)];
      });
      const session = await ort.InferenceSession.create(writeLinearOnnx(linearModelOf(table, "job")));
      const results = await session.run(Object.fromEntries(feeds));
      await session.release();
      const valuesOf = (name: string) => Array.from(results[name]!.data as ArrayLike<number>);
      const isNear = (got: readonly number[], wanted: Float64Array) => {
        const size = Math.max(1, ...wanted.map(Math.abs));
        return got.length === wanted.length && got.every((value, i) => Math.abs(value - wanted[i]!) <= 1e-7 * size);
      };
      const probabilities = tableProbabilities(table, scores);
      if (probabilities === null || table.labels === null) return isNear(valuesOf("prediction"), scores);
      const { labels } = table;
      const told = Array.from(results.label!.data as ArrayLike<string | bigint>, (one) =>
        typeof one === "bigint" ? Number(one) : one,
      );
      // Sums in another order may tell two that are all but equal apart.
      const rival = (row: number) => {
        const own = Array.from(probabilities.subarray(row * labels.length, (row + 1) * labels.length));
        const [first, second] = own.sort((a, b) => b - a) as [number, number];
        return first - second;
      };
      const wanted = Array.from(tableAnswers(table, scores), (place) => labels[place]);
      const isSame = told.every((label, row) => label === wanted[row] || rival(row) < 1e-7);
      if (!isSame) return false;
      return isNear(valuesOf("probabilities"), probabilities);
    }),
    { numRuns: 60 },
  );
});

test("its metadata says where it comes from, and what it does with gaps and unknown words", () => {
  const column = { name: null, kind: "number" as const, fill: 51, mean: 0, scale: 1, weights: [2] };
  const { columns, isNamed, metadata, labels } = linearModelOf(
    {
      ...{ format: "paritab-table-model", version: 1, model: "logistic", columns: [column], intercept: [0] },
      ...{
        labels: [0, 1],
        inputScale: 1 / 255,
        standardised: true,
        hasIntercept: true,
        l2: 0.1,
        rows: 9,
        weightsOf: 7,
      },
      distance: null,
    },
    "job-1",
  );
  expect([columns, isNamed, labels]).toEqual([
    [{ kind: "number", name: "column 0", fill: 51 * 255, weights: [2 / 255] }],
    false,
    [0, 1],
  ]);
  expect(metadata).toMatchObject({ "paritab.job": "job-1", "paritab.iterations": "7", "paritab.labels": "[0,1]" });
  expect(metadata["paritab.gaps"]).toMatch(/mean of its column/);
});
