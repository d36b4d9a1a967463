import { expect, test } from "vitest";
import { toFloat32Rows } from "../../../../shared/kinds/inference/batch-rows.ts";
import { normal, simulationRandom } from "../../../../shared/random/simulation-random.ts";
import { gatherEntries, gatherRows, halvesOf, roundToHalf } from "./query-rows.ts";

const SCALES = [1, 1 / 255, 1 / 7, 1e-6, 1e6, 0.1];

test("[PR60] bytes times a scale are the same float32 numbers in the tab and here, for every byte", () => {
  const values = Uint8Array.from({ length: 256 }, (_, i) => i);
  for (const scale of SCALES) {
    const here = gatherRows(
      { values, inputSize: 16, scale },
      Uint32Array.from({ length: 16 }, (_, i) => i),
    );
    const there = toFloat32Rows({ dtype: "U8", shape: [16, 16], data: values }, scale);
    expect(here).toEqual(there);
    // By the definition: the product in double precision, rounded once.
    expect(here).toEqual(Float32Array.from(values, (byte) => Math.fround(byte * scale)));
  }
});

test("[PR60] rows rounded to halves travel as those halves, and come out as they are here, bit for bit", () => {
  const random = simulationRandom(3);
  for (const scale of SCALES) {
    const rows = Float32Array.from(
      { length: 20_000 },
      (_, i) => normal(random) * 300 * scale * (i % 7 === 0 ? 1e-6 : 1),
    );
    roundToHalf(rows, scale);
    const halves = halvesOf(rows, scale);
    expect(toFloat32Rows({ dtype: "F16", shape: [1, rows.length], data: halves }, scale)).toEqual(rows);
  }
});

test("rounding to halves moves a mixture of bytes by less than bytes were rounded when they became bytes", () => {
  const scale = 1 / 255;
  let largest = 0;
  for (let i = 0; i < 10_000; i++) {
    const value = (i / 10_000) * 2 - 0.5; // mixtures leave 0..1 a little
    const rows = Float32Array.of(value);
    roundToHalf(rows, scale);
    largest = Math.max(largest, Math.abs(rows[0]! - Math.fround(value)));
  }
  expect(largest).toBeLessThan(scale / 2);
  expect(largest).toBeGreaterThan(0);
});

test("rows are gathered in the order that is asked for, and again where they are asked for again", () => {
  expect([...gatherEntries(Uint8Array.of(1, 2, 3, 4, 5, 6), 2, Uint32Array.of(2, 0, 2))]).toEqual([5, 6, 1, 2, 5, 6]);
  const floats = { values: Float32Array.of(1, 2, 3, 4), inputSize: 2, scale: 0.5 };
  expect([...gatherRows(floats, Uint32Array.of(1))]).toEqual([1.5, 2]);
});
