import { expect, test } from "vitest";
import { normal } from "../../../random/draws.ts";
import { simulationRandom } from "../../../random/simulation-random.ts";
import { makeScheme, workerCountOf } from "../../make-scheme.ts";
import { DECODED_HOW } from "../../scheme.ts";
import { atLeast, decodableCount, of, randomRows, subsetsOf } from "../../testing/codes.ts";
import { outputsAgree, replicationScheme } from "./replication.ts";

test.each([of(1, 0, 0), of(3, 2, 0), of(3, 2, 1), of(4, 2, 1), of(2, 0, 2), of(1, 5, 1)])(
  "K = $queryCount, S = $stragglerCount, E = $liarCount: E+1 results of every query results decode, and no others",
  (parameters) => {
    const { queryCount, liarCount } = parameters;
    const scheme = makeScheme("replication", parameters);
    const { workerCount } = scheme;
    expect(decodableCount(scheme)).toBe(atLeast(workerCount / queryCount, liarCount + 1) ** queryCount);
  },
);

test.each([[of(4, 2, 1), 12] as const, [of(8, 2, 0), 24] as const])(
  "a code of %o has %i workers",
  (parameters, expected) => {
    expect(workerCountOf("replication", parameters)).toBe(expected);
  },
);

test("any E lies a query are outvoted, wherever they sit", () => {
  const scheme = makeScheme("replication", of(2, 0, 2));
  const honest = randomRows(4, 2, 10);
  const random = simulationRandom(5);
  const everyone = Array.from({ length: 10 }, (_, i) => i);
  let caseCount = 0;
  for (const liars of subsetsOf(10)) {
    const isWithin = [0, 1].every((query) => liars.filter((i) => i % 2 === query).length <= 2);
    if (!isWithin) continue;
    const results = new Float32Array(100);
    for (const i of everyone) {
      const row = honest.slice((i % 2) * 10, (i % 2) * 10 + 10);
      // Colluding: every liar of a query says the same.
      results.set(
        liars.includes(i) ? row.map((value) => -value) : row.map((v) => v * (1 + 1e-3 * normal(random))),
        i * 10,
      );
    }
    const decoded = scheme.decode(everyone, results, 10);
    expect([...decoded.how]).toEqual([DECODED_HOW.voted, DECODED_HOW.voted]);
    expect(decoded.rejectedWorkers).toEqual(liars);
    decoded.outputs.forEach((value, at) => {
      expect(Math.abs(value - honest[at]!)).toBeLessThan(0.05);
    });
    caseCount++;
  }
  // (C(5,0) + C(5,1) + C(5,2)) ^ 2
  expect(caseCount).toBe(256);
});

test("without E+1 results that agree a query is missing, and none is rejected", () => {
  const scheme = makeScheme("replication", of(1, 0, 1));
  const decoded = scheme.decode([0, 2], Float32Array.of(1, 2, 2, 1), 2);
  expect([...decoded.how]).toEqual([DECODED_HOW.missing]);
  expect(decoded.rejectedWorkers).toEqual([]);
});

test("without liars the lowest worker index answers", () => {
  const decoded = makeScheme("replication", of(2, 1, 0)).decode([1, 2, 3], Float32Array.of(5, 6, 7), 1);
  expect([...decoded.outputs]).toEqual([6, 5]);
});

test("the tolerance of a vote is a parameter", () => {
  const results = Float32Array.of(1, 2, 1.1, 2, 5, 0);
  const strict = replicationScheme(of(1, 0, 1), 1e-3);
  const lax = replicationScheme(of(1, 0, 1), 0.1);
  expect(strict.decode([0, 1, 2], results, 2).how[0]).toBe(DECODED_HOW.missing);
  expect(lax.decode([0, 1, 2], results, 2).how[0]).toBe(DECODED_HOW.voted);
});

test("agreement is symmetric, and needs the same largest entry", () => {
  expect(outputsAgree(Float32Array.of(1, 1.001), Float32Array.of(1.001, 1), 0.05)).toBe(false);
  expect(outputsAgree(Float32Array.of(0, 0), Float32Array.of(0, 0), 0.05)).toBe(true);
  const parts = [1, 1].map((size) => ({ size, scaleFloor: 0 }));
  expect(outputsAgree(Float32Array.of(1e6, 1), Float32Array.of(1e6, 1.01), 0.05, parts)).toBe(true);
  expect(outputsAgree(Float32Array.of(1e6, 1), Float32Array.of(1e6, 2), 0.05, parts)).toBe(false);
  expect(outputsAgree(Float32Array.of(0, 0), Float32Array.of(1e-9, 0), 0.05)).toBe(false);
  const [a, b] = [Float32Array.of(1, 10), Float32Array.of(1, 10.4)];
  expect(outputsAgree(a, b, 0.05)).toBe(outputsAgree(b, a, 0.05));
});

test("copies beyond the workers of a round are refused", () => {
  expect(() => makeScheme("replication", of(64, 0, 2))).toThrow(/replication: expected at most 256 workers, got 320/);
});
