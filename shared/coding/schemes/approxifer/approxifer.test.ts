import { expect, test } from "vitest";
import { shuffle } from "../../../random/draws.ts";
import { simulationRandom } from "../../../random/simulation-random.ts";
import { makeScheme, workerCountOf } from "../../make-scheme.ts";
import { DECODED_HOW } from "../../scheme.ts";
import { atLeast, decodableCount, of, randomRows } from "../../testing/codes.ts";

test.each([of(1, 0, 0), of(1, 3, 0), of(1, 1, 1), of(3, 1, 0), of(4, 4, 0), of(2, 1, 1), of(3, 2, 2), of(4, 2, 1)])(
  "K = $queryCount, S = $stragglerCount, E = $liarCount: any N-S results decode, and no others",
  (parameters) => {
    const { stragglerCount } = parameters;
    const scheme = makeScheme("approxifer", parameters);
    const { workerCount } = scheme;
    expect(decodableCount(scheme)).toBe(atLeast(workerCount, workerCount - stragglerCount));
  },
);

test.each([[of(4, 2, 1), 11] as const, [of(8, 1, 0), 9] as const, [of(12, 1, 3), 30] as const])(
  "a code of %o has %i workers",
  (parameters, expected) => {
    expect(workerCountOf("approxifer", parameters)).toBe(expected);
  },
);

test("a node hit is answered by its worker's own output", () => {
  const scheme = makeScheme("approxifer", of(8, 8, 0));
  expect([...scheme.rawQueryOf].filter((query) => query >= 0)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  const results = randomRows(6, 16, 4);
  const everyone = Array.from({ length: 16 }, (_, i) => i);
  const decoded = scheme.decode(everyone, results, 4);
  expect(decoded.how.every((how) => how === DECODED_HOW.raw)).toBe(true);
  scheme.rawQueryOf.forEach((query, i) => {
    if (query < 0) return;
    expect(decoded.outputs.subarray(query * 4, query * 4 + 4)).toEqual(results.subarray(i * 4, i * 4 + 4));
  });
  const lost = scheme.rawQueryOf.indexOf(3);
  const rest = everyone.filter((i) => i !== lost);
  const without = scheme.decode(
    rest,
    Float32Array.from(rest.flatMap((i) => [...results.subarray(i * 4, i * 4 + 4)])),
    4,
  );
  expect(
    [...without.how].map((how, query) => (how === DECODED_HOW.estimated ? query : -1)).filter((q) => q >= 0),
  ).toEqual([3]);
});

test("elsewhere no worker is raw and every answer is an estimate", () => {
  const scheme = makeScheme("approxifer", of(4, 2, 1));
  expect(scheme.rawQueryOf.every((query) => query === -1)).toBe(true);
  const decoded = scheme.decode(
    Array.from({ length: 11 }, (_, i) => i),
    randomRows(7, 11, 10),
    10,
  );
  expect(decoded.how.every((how) => how === DECODED_HOW.estimated)).toBe(true);
  expect(decoded.rejectedWorkers).toHaveLength(1);
});

test("with liars exactly E of those that arrived are rejected, and what they said does not matter", () => {
  const scheme = makeScheme("approxifer", of(4, 2, 2));
  const random = simulationRandom(8);
  for (let trial = 0; trial < 20; trial++) {
    const arrived = [
      ...shuffle(
        Array.from({ length: scheme.workerCount }, (_, i) => i),
        random,
      ).slice(2),
    ].sort((a, b) => a - b);
    const results = randomRows(trial, arrived.length, 10);
    const decoded = scheme.decode(arrived, results, 10);
    expect(decoded.rejectedWorkers).toHaveLength(2);
    expect(decoded.rejectedWorkers.every((i) => arrived.includes(i))).toBe(true);
  }
});
