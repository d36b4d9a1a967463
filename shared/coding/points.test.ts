import { expect, test } from "vitest";
import { CodingError } from "./coding-error.ts";
import { evenAnglePoints } from "./points.ts";

test("a worker's point is a data point if and only if 2 * 2^v divides N, v the power of two in K; else they are 2e-6 apart", () => {
  let [hitCount, nearest] = [0, 1];
  for (let queryCount = 1; queryCount <= 64; queryCount++) {
    for (let workerCount = queryCount; workerCount <= 256; workerCount++) {
      const { dataPoints, evaluationPoints } = evenAnglePoints(queryCount, workerCount);
      let hasHit = false;
      for (const z of evaluationPoints) {
        for (const t of dataPoints) {
          const distance = Math.abs(z - t);
          if (distance < 1e-12) hasHit = true;
          else nearest = Math.min(nearest, distance);
        }
      }
      const powerOfTwo = queryCount & -queryCount;
      expect(hasHit).toBe(workerCount % (2 * powerOfTwo) === 0);
      if (hasHit) hitCount++;
    }
  }
  expect(hitCount).toBeGreaterThan(1000);
  expect(nearest).toBeGreaterThan(2e-6);
});

test("counts that are no counts are refused", () => {
  expect(() => evenAnglePoints(0, 4)).toThrow(CodingError);
  expect(() => evenAnglePoints(4, 1.5)).toThrow(CodingError);
});
