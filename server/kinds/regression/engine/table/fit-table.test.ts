import { describe, expect, test } from "vitest";
import { GAP } from "../../../../../shared/protocol/gap.ts";
import { fitTable, matrixOf, type TableSettings, weightsOfCells } from "./fit-table.ts";

const settings: TableSettings = { standardise: true, intercept: true, categories: [], gap: GAP };
const table = (columns: number, ...values: number[]) => ({
  values: Float64Array.from(values),
  rows: values.length / columns,
  columns,
});

describe("fitTable", () => {
  test("mean and deviation are those of the rows that are trained on; an empty cell counts as the mean", () => {
    const [term] = fitTable(table(1, 1.5, GAP, 4.5, 900), 1, [0, 1, 2], settings);
    expect(term).toMatchObject({ mean: 3, centre: 3, isConstant: false });
    // 1.5, 3 and 4.5.
    expect(term!.divisor).toBeCloseTo(Math.sqrt(1.5), 12);
  });

  test("whole numbers are centred by a whole number, and so stay exact", () => {
    const years = table(1, 1990, 2001, 2003, 2020);
    const terms = fitTable(years, 1, [0, 1, 2, 3], settings);
    expect(terms[0]).toMatchObject({ mean: 2003.5, centre: 2004 });
    expect(matrixOf(years, [0, 1, 2, 3], terms, GAP).values).toEqual(Int16Array.of(-14, -3, -1, 16));
  });

  test("a column of categories becomes one a level; an empty cell is none of them", () => {
    const cities = table(2, 0, 1.5, 2, 2.5, GAP, 3.5);
    const categories = [{ column: 0, levels: 3 }];
    const terms = fitTable(cities, 1, [0, 1, 2], { ...settings, categories });
    expect(terms.map(({ column, level }) => [column, level])).toEqual([
      [0, 0],
      [0, 1],
      [0, 2],
      [1, null],
    ]);
    expect(terms.map(({ isConstant }) => isConstant)).toEqual([false, true, false, false]);
    const { values } = matrixOf(cities, [0, 1, 2], terms, GAP);
    expect([...values].filter((_, i) => i % 4 !== 3)).toEqual([1, 0, 0, 0, 0, 1, 0, 0, 0]);
  });

  test("a place that is no level names row and column", () => {
    const categories = [{ column: 0, levels: 2 }];
    expect(() => fitTable(table(1, 0, 2), 1, [0], { ...settings, categories })).toThrow(
      "expected the place of a level, 0 to 1, in column 0, got 2 in row 1",
    );
  });

  test("what no deviation can be had of is refused, and a constant column is left as it is", () => {
    expect(() => fitTable(table(1, 1e300, -1e300), 1, [0, 1], settings)).toThrow(/squares are below 1e308.*column 0/);
    const [constant] = fitTable(table(1, 0.1, 0.1, 0.1), 1, [0, 1, 2], settings);
    expect(constant).toMatchObject({ mean: 0.1, centre: 0.1, divisor: 1, isConstant: true });
  });

  test("without an intercept nothing is centred, and without standardising only the unit counts", () => {
    const plain = { ...settings, standardise: false, intercept: false };
    expect(fitTable(table(1, 10, 30), 0.5, [0, 1], plain)[0]).toMatchObject({ centre: 0, divisor: 2, unit: 0.5 });
  });
});

test("weights of standardised columns, given back for cells, say the same of every row", () => {
  const rows = table(2, 3, 100, 5, 300, 9, 250);
  const terms = fitTable(rows, 0.1, [0, 1, 2], settings);
  const [standard, intercept] = [Float64Array.of(0.7, -1.2), Float64Array.of(0.4)];
  const weights = weightsOfCells(standard, intercept, terms);
  for (let row = 0; row < 3; row++) {
    let [score, ofCells] = [intercept[0]!, weights[2]!];
    terms.forEach(({ centre, divisor, unit }, t) => {
      const cell = rows.values[2 * row + t]!;
      score += (standard[t]! * (cell - centre)) / divisor;
      ofCells += weights[t]! * cell * unit;
    });
    expect(ofCells).toBeCloseTo(score, 12);
  }
});
