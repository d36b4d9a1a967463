import fc from "fast-check";
import { expect, test } from "vitest";
import { canonical } from "./canonical.ts";

test("the example of RFC 8785, section 3.2.2", () => {
  const given = String.raw`{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],"string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/","literals":[null,true,false]}`;
  const expected = String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`;
  expect(canonical(JSON.parse(given))).toBe(expected);
});

test("names are sorted by their UTF-16 code units (RFC 8785, section 3.2.3)", () => {
  const given = { "€": 1, "\r": 2, "\ufb33": 3, "1": 4, "😀": 5, "\u0080": 6, ö: 7 };
  expect(canonical(given)).toBe('{"\\r":2,"1":4,"\u0080":6,"ö":7,"€":1,"😀":5,"\ufb33":3}');
});

test("what is read back has the same text, in whatever order its names were", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = canonical(value);
      expect(canonical(JSON.parse(text))).toBe(text);
      expect(canonical(turned(value))).toBe(text);
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
    }),
    { seed: 15_004, numRuns: 500 },
  );
});

test("fields without a value are left out; what no JSON can say is refused", () => {
  expect(canonical({ b: undefined, a: -0 })).toBe('{"a":0}');
  for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, "\ud800", () => 1, 1n, [undefined]]) {
    expect(() => canonical({ bad })).toThrow(TypeError);
  }
});

/** The same with all names in the opposite order. */
function turned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(turned);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, field]) => [name, turned(field)]),
  );
}
