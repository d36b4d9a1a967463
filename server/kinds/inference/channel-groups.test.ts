import { expect, test } from "vitest";
import { channelGroups } from "./channel-groups.ts";
import { packDifferences, packGroups, unpackDifferences, unpackGroups } from "./packed-channels.ts";

const rows = (...values: number[][]) => Float32Array.from(values.flat());
const asked = (outputs: Float32Array, parts: { size: number; scaleFloor: number }[], apart?: Float32Array) => {
  const outputSize = parts.reduce((sum, { size }) => sum + size, 0);
  return channelGroups({ outputs, outputSize, parts, apart: apart ?? new Float32Array(outputSize), tolerance: 1e-3 });
};

test("[PC12] numbers of one output whose sizes differ by more than ten are groups, wherever they stand", () => {
  const groups = asked(rows([600, 0.2, 300, 0.1], [500, 0.1, 400, 0.3]), [{ size: 4, scaleFloor: 300 }])!;
  expect([...groups.groupOf]).toEqual([0, 1, 0, 1]);
  expect(groups.floors[0]).toBeCloseTo(Math.sqrt((36 + 9 + 25 + 16) / 4) * 100, 3);
  expect(groups.floors[1]).toBeCloseTo(Math.sqrt((0.04 + 0.01 + 0.01 + 0.09) / 4), 5);
});

test("[PC12] the scale of a size leaves room for what trusted runs differed by there, up to that of its output, and rounding of the largest", () => {
  const outputs = rows([600, 0.2], [600, 0.2]);
  const floorOf = (apart: number) =>
    asked(outputs, [{ size: 2, scaleFloor: 424 }], Float32Array.of(0, apart))!.floors[1];
  expect(floorOf(0)).toBeCloseTo(0.2, 6);
  expect(floorOf(1e-4)).toBeCloseTo(6.4, 6);
  expect(floorOf(1)).toBe(424);
  const small = asked(rows([600, 0], [600, 0]), [{ size: 2, scaleFloor: 424 }])!;
  expect(small.floors[1]).toBeCloseTo(0.06, 6);
});

test("[PC12] each output has sizes of its own; where all of one are alike, or one row is all there is, nothing is kept", () => {
  const parts = [
    { size: 1, scaleFloor: 600 },
    { size: 2, scaleFloor: 1 },
  ];
  expect([...asked(rows([600, 1, 0.01], [600, 1, 0.01]), parts)!.groupOf]).toEqual([0, 1, 2]);
  expect(asked(rows([600, 1, 0.5], [600, 1, 0.5]), parts)).toBeNull();
  expect(asked(rows([600, 1, 0.01]), parts)).toBeNull();
});

test("what is packed of a million channels comes back, differences not smaller than they were and within half an octave", () => {
  const groups = Uint16Array.from({ length: 1_000_000 }, (_, c) => (c % 6 < 4 ? 0 : 300));
  const text = packGroups(groups);
  expect(text.length).toBeLessThan(20_000);
  expect(unpackGroups(text)).toEqual(groups);
  const differences = Float32Array.of(0, 1e-30, 3e-7, 1, 600, Number.POSITIVE_INFINITY, Number.NaN);
  const back = unpackDifferences(packDifferences(differences));
  expect(back[0]).toBe(0);
  for (const c of [2, 3, 4]) {
    expect(back[c]).toBeGreaterThanOrEqual(differences[c]!);
    expect(back[c]).toBeLessThan(differences[c]! * 1.4143);
  }
  expect(back[1]).toBeGreaterThan(0);
  for (const c of [5, 6]) expect(back[c]).toBeGreaterThan(1e11);
});
