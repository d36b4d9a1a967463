import { expect, test } from "vitest";
import { makeScheme, workerCountOf } from "../../make-scheme.ts";
import { atLeast, decodableCount, of, subsetsOf } from "../../testing/codes.ts";

test.each([of(1, 0, 0), of(1, 3, 0), of(2, 1, 0), of(3, 1, 0), of(4, 4, 0), of(3, 2, 1), of(4, 2, 1)])(
  "K = $queryCount, S = $stragglerCount, E = $liarCount: any K results decode, and no others",
  (parameters) => {
    const { queryCount } = parameters;
    const scheme = makeScheme("spline", parameters);
    const { workerCount } = scheme;
    expect(decodableCount(scheme)).toBe(atLeast(workerCount, queryCount));
  },
);

test.each([[of(4, 2, 1), 7] as const, [of(8, 1, 0), 9] as const])(
  "a code of %o has %i workers",
  (parameters, expected) => {
    expect(workerCountOf("spline", parameters)).toBe(expected);
  },
);

test("a straight line of queries through a linear function comes back, whoever is lost", () => {
  const scheme = makeScheme("spline", of(8, 2, 0));
  const dataPoints = Array.from({ length: 8 }, (_, j) => Math.cos(((2 * j + 1) * Math.PI) / 16));
  const results = Array.from({ length: 10 }, (_, i) =>
    dataPoints.reduce((sum, point, j) => sum + scheme.encodeMatrix[i * 8 + j]! * point, 0),
  );
  let caseCount = 0;
  for (const arrived of subsetsOf(10).filter((subset) => subset.length >= 8)) {
    const arrivedResults = Float32Array.from(arrived, (i) => results[i]!);
    scheme.decode(arrived, arrivedResults, 1).outputs.forEach((value, query) => {
      expect(value).toBeCloseTo(dataPoints[query]!, 5);
    });
    caseCount++;
  }
  // C(10,8) + C(10,9) + C(10,10)
  expect(caseCount).toBe(56);
});
