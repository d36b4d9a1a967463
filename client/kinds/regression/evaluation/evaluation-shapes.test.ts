import { describe, expect, test } from "vitest";
import type { ClassEvaluation } from "../../../../shared/kinds/regression/evaluation.ts";
import { axisRange, confusionTable, residualBands, someOf, takenFor } from "./evaluation-shapes.ts";

const one = (label: string, rows: number, predicted: number, right: number) => ({
  label,
  rows,
  predicted,
  right,
  area: null,
});
const found: ClassEvaluation = {
  classes: [one("no", 10, 9, 8), one("yes", 4, 5, 3), one("rare", 0, 0, 0)],
  confused: [
    [0, 0, 8],
    [1, 1, 3],
    [0, 1, 2],
    [1, 0, 1],
  ],
  ...{ confusedLeftOut: 0, roc: [], calibration: [] },
};

describe("what is shown of an evaluation", () => {
  test("a cell for each pair of classes: rows, their share of the true class, and a tint that only no row lacks", () => {
    const table = confusionTable(found)!;
    expect(table.map((row) => row.map(({ rows }) => rows))).toEqual([
      [8, 2, 0],
      [1, 3, 0],
      [0, 0, 0],
    ]);
    expect(table[0]!.map(({ share, tint }) => [share, tint])).toEqual([
      [0.8, 4],
      [0.2, 1],
      [0, 0],
    ]);
  });

  test("of many classes there is no table; what each is most often taken for instead", () => {
    const many = Array.from({ length: 13 }, (_, i) => one(String(i), 1, 1, 1));
    expect(confusionTable({ ...found, classes: many })).toBeNull();
    expect(takenFor(found, 0)).toEqual({ label: "yes", rows: 2 });
    expect(takenFor(found, 2)).toBeNull();
  });

  test("some points of many, with the first and the last", () => {
    expect(someOf([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 3)).toEqual([0, 5, 10]);
    expect(someOf([4, 5], 11)).toEqual([4, 5]);
  });

  test("residuals by fifths of the predictions: every row in one of them", () => {
    const residuals = Array.from({ length: 12 }, (_, i): [number, number] => [11 - i, i % 2 === 0 ? 1 : -3]);
    const bands = residualBands({ rootMeanSquare: 1, meanAbsolute: 1, explained: null, residuals });
    expect(bands.map(({ rows }) => rows)).toEqual([2, 2, 3, 2, 3]);
    expect(bands[0]).toEqual({ from: 0, to: 1, rows: 2, mean: -1, size: 2 });
    expect(residualBands({ rootMeanSquare: 1, meanAbsolute: 1, explained: null, residuals: [[1, 2]] })).toHaveLength(1);
  });

  test("an axis holds its numbers, and is never empty", () => {
    expect(axisRange([5])).toEqual([4.5, 5.5]);
    expect(axisRange([])).toEqual([0, 1]);
    const [low, high] = axisRange([-3, 7]);
    expect([low < -3, high > 7]).toEqual([true, true]);
  });
});
