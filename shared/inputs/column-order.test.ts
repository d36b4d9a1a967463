import fc from "fast-check";
import { expect, test } from "vitest";
import { areNamesKept, inTrainedOrder } from "./column-order.ts";
import type { FloatArray } from "./table-shape.ts";

const names = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 8 });

test("a table in any order of its columns is put in the order of the training, each value under its name", () => {
  const cases = names.chain((trained) =>
    fc.tuple(fc.constant(trained), fc.shuffledSubarray(trained, { minLength: trained.length }), fc.boolean()),
  );
  fc.assert(
    fc.property(cases, ([trained, shuffled, isWide]) => {
      const values = [0, 1, 2].flatMap((row) => shuffled.map((name) => 100 * row + trained.indexOf(name)));
      const shape = [3, shuffled.length];
      const table: FloatArray = isWide
        ? { dtype: "F64", shape, data: Float64Array.from(values) }
        : { dtype: "F32", shape, data: Float32Array.from(values) };
      const ordered = inTrainedOrder("new.csv", table, shuffled, trained);
      const expected = [0, 1, 2].flatMap((row) => trained.map((_, place) => 100 * row + place));
      expect([ordered.dtype, ordered.shape, [...ordered.data]]).toEqual([table.dtype, shape, expected]);
    }),
  );
});

test("any other set of names is refused, and every name that does not fit is told", () => {
  fc.assert(
    fc.property(names, names, (trained, given) => {
      const [lacking, surplus] = [trained.filter((n) => !given.includes(n)), given.filter((n) => !trained.includes(n))];
      fc.pre(lacking.length + surplus.length > 0);
      const table: FloatArray = { dtype: "F32", shape: [0, given.length], data: new Float32Array() };
      let told = "";
      try {
        inTrainedOrder("new.csv", table, given, trained);
      } catch (error) {
        told = (error as Error).message;
      }
      for (const name of [...lacking, ...surplus]) expect(told).toContain(`"${name}"`);
    }),
  );
});

test("a name that stands twice fits only where the order is the same", () => {
  const table: FloatArray = { dtype: "F32", shape: [1, 3], data: Float32Array.of(1, 2, 3) };
  expect(inTrainedOrder("new.csv", table, ["a", "b", "a"], ["a", "b", "a"])).toBe(table);
  expect(() => inTrainedOrder("new.csv", table, ["a", "a", "b"], ["a", "b", "a"])).toThrow(
    /^new\.csv: expected the columns of the training: "a" stands more than once, so that only the same order would do$/,
  );
});

test("names are kept as long as a submission has room for them", () => {
  expect(areNamesKept(Array.from({ length: 5_000 }, (_, i) => `p${i}`))).toBe(true);
  expect(areNamesKept(Array.from({ length: 50_000 }, (_, i) => `p${i}`))).toBe(false);
  expect(areNamesKept(["a".repeat(201)])).toBe(false);
  expect(areNamesKept(["a\u0000b"])).toBe(false);
});
