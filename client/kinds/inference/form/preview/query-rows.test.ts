import { describe, expect, test } from "vitest";
import { numbersText, pixelsOf, rowFormOf, rowOf } from "./query-rows.ts";

describe("rowFormOf", () => {
  test.each([
    [[5, 28, 28], { kind: "picture", height: 28, width: 28, channels: 1, isChannelsFirst: false }],
    [[5, 32, 48, 3], { kind: "picture", height: 32, width: 48, channels: 3, isChannelsFirst: false }],
    [[5, 3, 32, 48], { kind: "picture", height: 32, width: 48, channels: 3, isChannelsFirst: true }],
    [[5, 28, 28, 1], { kind: "picture", height: 28, width: 28, channels: 1, isChannelsFirst: false }],
    [[5, 28, 28, 2], { kind: "numbers", size: 1568 }],
    [[5, 6], { kind: "numbers", size: 6 }],
    [[5, 4, 3], { kind: "numbers", size: 12 }],
    [[5, 2_000, 2_000], { kind: "numbers", size: 4_000_000 }],
    [[5], { kind: "numbers", size: 1 }],
  ])("%j", (shape, form) => {
    expect(rowFormOf(shape)).toEqual(form);
  });
});

const grey = { kind: "picture", height: 1, width: 3, channels: 1, isChannelsFirst: false } as const;

describe("pixelsOf", () => {
  test("bytes are shown as they are", () => {
    expect([...pixelsOf([0, 100, 255], grey, true)]).toEqual([0, 0, 0, 255, 100, 100, 100, 255, 255, 255, 255, 255]);
  });

  test("other numbers are stretched from the least to the most; one level is black, not a division by zero", () => {
    expect([...pixelsOf([-1, 0, 1], grey, false)]).toEqual([0, 0, 0, 255, 128, 128, 128, 255, 255, 255, 255, 255]);
    expect([...pixelsOf([7, 7, 7], grey, false)].slice(0, 4)).toEqual([0, 0, 0, 255]);
  });

  test("colours keep their channels", () => {
    const rgb = { kind: "picture", height: 1, width: 1, channels: 3, isChannelsFirst: false } as const;
    expect([...pixelsOf([1, 2, 3], rgb, true)]).toEqual([1, 2, 3, 255]);
    expect([...pixelsOf([1, 2, 3, 4], { ...rgb, channels: 4 }, true)]).toEqual([1, 2, 3, 4]);
    const first = { ...rgb, width: 2, isChannelsFirst: true };
    expect([...pixelsOf([1, 2, 3, 4, 5, 6], first, true)]).toEqual([1, 3, 5, 255, 2, 4, 6, 255]);
  });
});

test("rowOf takes one row, of whole numbers beyond 32 bits too", () => {
  expect(rowOf({ dtype: "F32", shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) }, 1)).toEqual([3, 4]);
  expect(rowOf({ dtype: "I64", shape: [2], data: BigInt64Array.of(5n, 6n) }, 1)).toEqual([6]);
});

test("numbersText shortens what is long", () => {
  expect(numbersText([1 / 3, 2], 4)).toBe("0.3333, 2");
  expect(numbersText([1, 2, 3], 2)).toBe("1, 2, …");
});
