import { expect, test } from "vitest";
import { makeScheme, workerCountOf } from "../../make-scheme.ts";
import { DECODED_HOW } from "../../scheme.ts";
import { atLeast, decodableCount, of } from "../../testing/codes.ts";

test.each([of(1, 0, 0), of(1, 1, 0), of(2, 1, 0), of(4, 1, 0), of(3, 1, 2), of(4, 0, 0)])(
  "K = $queryCount, S = $stragglerCount, E = $liarCount: any K results decode, and no others",
  (parameters) => {
    const { queryCount } = parameters;
    const scheme = makeScheme("parm", parameters);
    const { workerCount } = scheme;
    expect(decodableCount(scheme)).toBe(atLeast(workerCount, queryCount));
  },
);

test.each([[of(8, 1, 3), 9] as const, [of(8, 0, 0), 8] as const])(
  "a code of %o has %i workers",
  (parameters, expected) => {
    expect(workerCountOf("parm", parameters)).toBe(expected);
  },
);

test("one lost answer is what the parity model says less the other answers; two are missing", () => {
  const scheme = makeScheme("parm", of(3, 1, 0));
  expect([...scheme.modelOf!]).toEqual([0, 0, 0, 1]);
  const one = scheme.decode([0, 2, 3], Float32Array.of(1, 10, 2, 20, 7, 70), 2);
  expect([...one.outputs]).toEqual([1, 10, 4, 40, 2, 20]);
  expect([...one.how]).toEqual([DECODED_HOW.raw, DECODED_HOW.estimated, DECODED_HOW.raw]);
  const two = scheme.decode([2, 3], Float32Array.of(2, 7), 1);
  expect([...two.how]).toEqual([DECODED_HOW.missing, DECODED_HOW.missing, DECODED_HOW.raw]);
});

test("an estimate of one query needs the parity and every other answer", () => {
  const scheme = makeScheme("parm", of(3, 1, 0));
  const results = Float32Array.of(1, 5, 2, 7);
  expect([...scheme.estimate([1], [0, 1, 2, 3], results, 1)!]).toEqual([4]);
  expect(scheme.estimate([0, 1], [0, 1, 2, 3], results, 1)).toBeNull();
  expect(scheme.estimate([1], [0, 1, 2], results.subarray(0, 3), 1)).toBeNull();
  expect(scheme.estimate([1], [0, 1, 3], results.subarray(0, 3), 1)).toBeNull();
});

test("more stragglers than parity models are refused, with the reason", () => {
  expect(() => makeScheme("parm", of(8, 2, 0))).toThrow(
    "parm: expected at most 1 straggler, for there is 1 parity model, got 2",
  );
});
