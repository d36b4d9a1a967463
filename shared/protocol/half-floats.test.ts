import { expect, test } from "vitest";
import { fromHalf, toHalf } from "./half-floats.ts";

test("every finite half comes back as it was, by its bits", () => {
  let count = 0;
  for (let bits = 0; bits < 0x10000; bits++) {
    if ((bits & 0x7c00) === 0x7c00) continue;
    expect(toHalf(fromHalf(bits))).toBe(bits);
    count++;
  }
  expect(count).toBe(63_488);
});

test("between two halves the nearer one is taken, in the middle the even one", () => {
  // Not the largest: beyond it lies infinity.
  for (let bits = 0; bits < 0x7bff; bits++) {
    const [below, above] = [fromHalf(bits), fromHalf(bits + 1)];
    const gap = above - below;
    expect(toHalf(below + 0.25 * gap)).toBe(bits);
    expect(toHalf(below + 0.75 * gap)).toBe(bits + 1);
    expect(toHalf(below + 0.5 * gap)).toBe(bits % 2 === 0 ? bits : bits + 1);
    expect(toHalf(-(below + 0.75 * gap))).toBe(0x8000 | (bits + 1));
  }
});

test("what is too large becomes an infinity, what is too small zero, NaN stays NaN", () => {
  expect(fromHalf(toHalf(65_519))).toBe(65_504);
  expect(fromHalf(toHalf(65_520))).toBe(Number.POSITIVE_INFINITY);
  expect(fromHalf(toHalf(-1e30))).toBe(Number.NEGATIVE_INFINITY);
  expect(toHalf(2 ** -26)).toBe(0);
  expect(toHalf(-(2 ** -26))).toBe(0x8000);
  expect(fromHalf(toHalf(Number.NaN))).toBeNaN();
});
