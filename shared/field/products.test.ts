import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FieldError } from "./field-error.ts";
import { MODULUS } from "./modulus.ts";
import { combineRows, dotProduct, matrixProduct, rowsOf } from "./products.ts";

const PRIMES = [2, 7, 65_537, MODULUS, 2 ** 32 - 5];

function bigProduct(matrix: ArrayLike<number>, rows: number, columns: number, thin: ArrayLike<number>, width: number) {
  return Array.from({ length: rows * width }, (_, at) => {
    const [r, c] = [Math.floor(at / width), at % width];
    let sum = 0n;
    for (let i = 0; i < columns; i++) sum += BigInt(matrix[r * columns + i]!) * BigInt(thin[i * width + c]!);
    return sum;
  });
}

describe.each(PRIMES)("mod %i", (modulus) => {
  const entry = fc.oneof(fc.integer({ min: 0, max: modulus - 1 }), fc.constant(modulus - 1));
  const shape = fc.tuple(
    fc.integer({ min: 1, max: 9 }),
    fc.integer({ min: 1, max: 150 }),
    fc.integer({ min: 1, max: 4 }),
  );
  const problem = shape.chain(([rows, columns, width]) =>
    fc.record({
      rows: fc.constant(rows),
      columns: fc.constant(columns),
      width: fc.constant(width),
      matrix: fc.array(entry, { minLength: rows * columns, maxLength: rows * columns }),
      thin: fc.array(entry, { minLength: columns * width, maxLength: columns * width }),
    }),
  );

  test("products of matrices, and rows combined, equal BigInt's", () => {
    fc.assert(
      fc.property(problem, ({ rows, columns, width, matrix, thin }) => {
        const expected = bigProduct(matrix, rows, columns, thin, width).map((sum) => Number(sum % BigInt(modulus)));
        expect([...matrixProduct(matrix, rows, columns, thin, width, modulus)]).toEqual(expected);
        const thinRows = rowsOf(Uint32Array.from(thin), columns, width);
        expect([...combineRows(matrix.slice(0, columns), thinRows, width, modulus)]).toEqual(expected.slice(0, width));
      }),
      { seed: 30_010, numRuns: 100 },
    );
  });

  test("sums of 1000 times the largest product are exact", () => {
    const most = new Uint32Array(1000).fill(modulus - 1);
    const expected = Number((1000n * BigInt(modulus - 1) ** 2n) % BigInt(modulus));
    expect(dotProduct(most, most, modulus)).toBe(expected);
    expect([...combineRows(most, rowsOf(most, 1000, 1), 1, modulus)]).toEqual([expected]);
  });
});

test("a unit row copies, and what it copies is the caller's own", () => {
  const rows = [Uint32Array.of(1, 2), Uint32Array.of(3, 4)];
  const copied = combineRows([0, 1], rows, 2, 7);
  expect([...copied]).toEqual([3, 4]);
  copied[0] = 6;
  expect([...rows[1]!]).toEqual([3, 4]);
  expect([...combineRows([0, 0], rows, 2, 7)]).toEqual([0, 0]);
  expect([...combineRows([1, 1], rows, 2, 7)]).toEqual([4, 6]);
  expect([...combineRows([], [], 2, 7)]).toEqual([0, 0]);
});

test("sizes that do not fit are refused", () => {
  expect(() => dotProduct([1], [1, 2], 7)).toThrow(FieldError);
  expect(() => matrixProduct([1, 2, 3], 2, 2, [1, 2], 1, 7)).toThrow(/expected the matrix to have 4 entries, got 3/);
  expect(() => matrixProduct([1, 2, 3, 4], 2, 2, [1], 1, 7)).toThrow(FieldError);
  expect(() => combineRows([1], [], 3, 7)).toThrow(FieldError);
  expect(() => combineRows([1], [[1, 2]], 3, 7)).toThrow(FieldError);
});
