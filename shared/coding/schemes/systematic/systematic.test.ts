import { expect, test } from "vitest";
import { makeScheme, workerCountOf } from "../../make-scheme.ts";
import { DECODED_HOW } from "../../scheme.ts";
import { atLeast, decodableCount, of, randomRows, subsetsOf } from "../../testing/codes.ts";

test.each([of(1, 0, 0), of(1, 2, 1), of(2, 1, 0), of(3, 2, 1), of(4, 2, 1), of(4, 5, 3), of(8, 2, 1)])(
  "K = $queryCount, S = $stragglerCount, E = $liarCount: any K results decode, and no others",
  (parameters) => {
    const { queryCount } = parameters;
    const scheme = makeScheme("systematic", parameters);
    const { workerCount } = scheme;
    expect(decodableCount(scheme)).toBe(atLeast(workerCount, queryCount));
  },
);

test.each([[of(4, 2, 1), 7] as const])("a code of %o has %i workers", (parameters, expected) => {
  expect(workerCountOf("systematic", parameters)).toBe(expected);
});

test("a lost answer of a smooth path is estimated near the truth, for every lost set that parities can cover", () => {
  const parameters = of(8, 2, 1);
  const scheme = makeScheme("systematic", parameters);
  // A linear function of queries that lie on a straight line: only the code's own error is left.
  const truth = Float32Array.from({ length: 8 }, (_, j) => j / 8);
  const results = Float32Array.from({ length: scheme.workerCount }, (_, i) => {
    let sum = 0;
    for (let j = 0; j < 8; j++) sum += scheme.encodeMatrix[i * 8 + j]! * truth[j]!;
    return sum;
  });
  const errors: number[] = [];
  for (const arrived of subsetsOf(scheme.workerCount).filter((subset) => scheme.isDecodable(subset))) {
    const decoded = scheme.decode(
      arrived,
      Float32Array.from(arrived, (i) => results[i]!),
      1,
    );
    decoded.how.forEach((how, query) => {
      const isRaw = arrived.includes(query);
      expect(how).toBe(isRaw ? DECODED_HOW.raw : DECODED_HOW.estimated);
      const error = Math.abs(decoded.outputs[query]! - truth[query]!);
      if (isRaw) expect(error).toBe(0);
      else errors.push(error);
    });
  }
  // Lost answers over all sets: sum of l * C(8, l) * (sets of parities with at least l members), l = 1..3.
  expect(errors.length).toBe(8 * 7 + 56 * 4 + 168);
  errors.sort((a, b) => a - b);
  expect(errors[errors.length >> 1]!).toBeLessThan(0.05);
});

test("an estimate needs a parity and K-1 results", () => {
  const scheme = makeScheme("systematic", of(4, 1, 0));
  const estimate = (queries: number[], arrived: number[]) =>
    scheme.estimate(queries, arrived, randomRows(1, arrived.length, 2), 2);
  expect(estimate([1], [0, 1, 2, 3])).toBeNull();
  expect(estimate([1], [0, 1, 2, 3, 4])).toHaveLength(2);
  expect(estimate([1], [0, 1, 2, 4])).toHaveLength(2);
  expect(estimate([1, 2], [0, 1, 2, 3, 4])).toHaveLength(4);
  expect(estimate([0, 1, 2], [0, 1, 2, 3, 4])).toBeNull();
  expect(makeScheme("systematic", of(1, 2, 0)).estimate([0], [0, 1, 2], randomRows(1, 3, 2), 2)).toBeNull();
});
