import { describe, expect, test } from "vitest";
import { REGRESSION_PROBABILITIES_MAX } from "../../../../shared/kinds/regression/limits.ts";
import type { TableModel } from "../../../../shared/kinds/regression/table-model.ts";
import { GAP } from "../../../../shared/protocol/gap.ts";
import { parseNpy } from "../../../../shared/protocol/npy.ts";
import { type PredictionForm, predictTable } from "./predict-table.ts";

const model: TableModel = {
  ...{ format: "paritab-table-model", version: 1, model: "logistic" },
  columns: [
    { name: "age", kind: "number", fill: 50, mean: 50, scale: 9, weights: [0.1] },
    {
      ...{ name: "city", kind: "category", levels: ["Oslo", "Rome"] },
      ...{ means: [0.5, 0.5], scales: [0.5, 0.5], weights: [[1], [-1]] },
    },
  ],
  ...{ intercept: [-5], labels: ["no", "yes"], inputScale: 1, standardised: true, hasIntercept: true },
  ...{ l2: 0.1, rows: 9, weightsOf: 12, distance: null },
};
const values = Float64Array.of(60, 0, 60, 1, GAP, GAP);
const table = { values, rows: 3, columns: 2 };

function told(given: string | typeof table, form: PredictionForm, of: TableModel = model, refusesGaps = false) {
  const answer = predictTable({ model: of, given, form, refusesGaps });
  if ("problem" in answer) throw new Error(answer.problem);
  return answer.bytes;
}
const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

describe("predictions of a table", () => {
  test("as JSON: the label's own word, and the probability of each", () => {
    const answer = JSON.parse(textOf(told(table, "json")));
    expect(answer).toMatchObject({ weightsOf: 12, predictions: ["yes", "no", "no"], labels: ["no", "yes"], notes: [] });
    expect(answer.probabilities[0][1]).toBeCloseTo(1 / (1 + Math.exp(-2)), 12);
    expect(answer.probabilities[2]).toEqual([0.5, 0.5]);
  });

  test("a table with names is read by them; what it has besides is told, and so are words that are unknown", () => {
    const answer = JSON.parse(textOf(told("x,city,age\n1,Rome,60\n2,Atlantis,\n", "json")));
    expect(answer.predictions).toEqual(["no", "no"]);
    expect(answer.notes).toEqual([
      "columns that the model does not use: x",
      "1 cell is none of the levels that were trained on: Atlantis",
    ]);
    expect(() => told("city\nRome\n", "json")).toThrow('table: expected the columns of the training: it lacks "age"');
  });

  test("as CSV a line a row; a label that a spreadsheet would run is no formula", () => {
    expect(textOf(told(table, "csv")).split("\n").slice(0, 2)).toEqual([
      "prediction,probability of no,probability of yes",
      expect.stringMatching(/^yes,0\.119\d*,0\.880\d*$/),
    ]);
    expect(textOf(told(table, "csv", { ...model, labels: ["no", "=1+1"] }))).toContain("\n'=1+1,");
  });

  test("as .npy: labels that are numbers as they are, words as their places, probabilities of each", () => {
    expect(parseNpy(told(table, "npy")).data).toEqual(Float64Array.of(1, 0, 0));
    expect(parseNpy(told(table, "npy", { ...model, labels: [-1, 7] })).data).toEqual(Float64Array.of(7, -1, -1));
    expect(parseNpy(told(table, "probabilities"))).toMatchObject({ shape: [3, 2], dtype: "F64" });
  });

  test("of a linear model numbers, and no probabilities", () => {
    const linear: TableModel = { ...model, model: "linear", labels: null };
    const answer = JSON.parse(textOf(told(table, "json", linear)));
    expect(answer.predictions.map((one: number) => Number(one.toFixed(9)))).toEqual([2, 0, 0]);
    expect([answer.labels, answer.probabilities]).toEqual([null, null]);
    expect(textOf(told(table, "csv", linear)).split("\n")[0]).toBe("prediction");
  });

  test("too many probabilities for a text are left out, and a note says so; as .npy they are there", () => {
    const rows = REGRESSION_PROBABILITIES_MAX / 10 + 1;
    const labels = Array.from({ length: 10 }, (_, place) => place);
    const digits: TableModel = {
      ...{ ...model, model: "softmax", labels, intercept: labels },
      columns: [{ name: "age", kind: "number", fill: 0, mean: 0, scale: 1, weights: labels }],
    };
    const many = { values: new Float64Array(rows), rows, columns: 1 };
    const text = textOf(told(many, "json", digits));
    const { predictions, probabilities, notes } = JSON.parse(text);
    expect([predictions.length, probabilities, notes]).toEqual([
      rows,
      null,
      [expect.stringContaining("send fewer rows at a time")],
    ]);
    expect(parseNpy(told(many, "probabilities", digits)).shape).toEqual([rows, 10]);
  });

  test("a job that learned from its columns as they were refuses an empty cell, by its place", () => {
    expect(() => told(table, "json", model, true)).toThrow(/expected no empty cells.*got one in row 2, column 0/);
    expect(() => told({ ...table, values: values.subarray(0, 4), rows: 2 }, "json", model, true)).not.toThrow();
  });
});
