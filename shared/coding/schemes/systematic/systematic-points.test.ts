import { expect, test } from "vitest";
import { CodingError } from "../../coding-error.ts";
import { systematicPoints } from "./systematic.ts";

test("the systematic code's first K points are the data points, and its parities lie strictly between them", () => {
  let caseCount = 0;
  for (let queryCount = 2; queryCount <= 32; queryCount++) {
    for (let parityCount = 0; parityCount <= 40; parityCount++) {
      const { dataPoints, evaluationPoints } = systematicPoints(queryCount, parityCount);
      expect(evaluationPoints.subarray(0, queryCount)).toEqual(dataPoints);
      expect(evaluationPoints.length).toBe(queryCount + parityCount);
      const ordered = [...evaluationPoints].sort((a, b) => b - a);
      for (let i = 1; i < ordered.length; i++) expect(ordered[i - 1]! - ordered[i]!).toBeGreaterThan(1e-6);
      expect(ordered[0]).toBe(dataPoints[0]);
      expect(ordered.at(-1)).toBe(dataPoints.at(-1));
      caseCount++;
    }
  }
  expect(caseCount).toBe(31 * 41);
});

test("parities are spread over the gaps as the formula says", () => {
  const { dataPoints, evaluationPoints } = systematicPoints(8, 2);
  // floor(7/4) = 1, floor(21/4) = 5
  expect(evaluationPoints[8]).toBeCloseTo((dataPoints[1]! + dataPoints[2]!) / 2, 15);
  expect(evaluationPoints[9]).toBeCloseTo((dataPoints[5]! + dataPoints[6]!) / 2, 15);
  const crowded = systematicPoints(2, 3);
  const [from, to] = [crowded.dataPoints[0]!, crowded.dataPoints[1]!];
  for (const l of [1, 2, 3]) expect(crowded.evaluationPoints[1 + l]).toBeCloseTo(from + ((to - from) * l) / 4, 15);
});

test("K = 1 repeats its data point", () => {
  expect(new Set(systematicPoints(1, 3).evaluationPoints).size).toBe(1);
});

test("counts that are no counts are refused", () => {
  expect(() => systematicPoints(0, 1)).toThrow(CodingError);
  expect(() => systematicPoints(4, -1)).toThrow(CodingError);
});
