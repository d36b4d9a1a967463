import { expect, test } from "vitest";
import { makeScheme, workerCountOf } from "../../make-scheme.ts";
import { atLeast, decodableCount, of } from "../../testing/codes.ts";

test.each([of(1, 0, 0), of(4, 0, 0), of(3, 2, 1)])(
  "K = $queryCount, S = $stragglerCount, E = $liarCount: all results decode, and no others",
  (parameters) => {
    const scheme = makeScheme("uncoded", parameters);
    const { workerCount } = scheme;
    expect(decodableCount(scheme)).toBe(atLeast(workerCount, workerCount));
  },
);

test.each([[of(4, 2, 1), 4] as const])("a code of %o has %i workers", (parameters, expected) => {
  expect(workerCountOf("uncoded", parameters)).toBe(expected);
});
