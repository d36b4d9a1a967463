import { readFileSync } from "node:fs";
import { gunzipSync } from "fflate";
import { expect, test } from "vitest";
import type { SlicedFile } from "./parquet.ts";
import { parquetColumns, parquetTableOf } from "./parquet-table.ts";
import type { TableKind } from "./table.ts";

function file(name: string): SlicedFile {
  const bytes = readFileSync(new URL(`vectors/${name}`, import.meta.url));
  return {
    name,
    byteCount: bytes.length,
    slice: async (start, end) => Uint8Array.from(bytes.subarray(start, end)).buffer,
  };
}
const UNPACKERS = {
  GZIP: (packed: Uint8Array, byteCount: number) => gunzipSync(packed, { out: new Uint8Array(byteCount) }),
};
const table = (name: string, label: string | null, kind: TableKind = {}) =>
  parquetTableOf(file(name), label, kind, UNPACKERS);

test("columns of every kind of number become features, a column of words labels, over all row groups", async () => {
  expect(await parquetColumns(file("people.parquet"))).toEqual({ names: ["id", "height", "smokes", "y"], count: 4 });
  const { features, labels, notes } = await table("people.parquet", "y", { fillsGaps: true });
  expect(features.shape).toEqual([6, 3]);
  expect([...features.data]).toEqual([1, 1.5, 1, 2, 4, 0, 3, 2.5, 1, 4, 3.5, 1, 5, 4.5, 0, 6, 8, 0]);
  expect([...labels!.data]).toEqual([1, 0, 1, 1, 0, 0]);
  expect(notes).toEqual(["1 empty cell in 1 column: filled with the mean of the column", "labels: no is 0, yes is 1"]);
});

test("each row's list of numbers is laid out", async () => {
  const { features } = await table("vectors.parquet", null);
  expect([features.shape, [...features.data]]).toEqual([
    [2, 3],
    [1, 2, 3, 4, 5, 6],
  ]);
});

test("what is no number is refused by row and column, a missing label column by those that there are", async () => {
  await expect(table("people.parquet", "y")).rejects.toThrow(
    'people.parquet, row 2, column "height": expected a finite number, got "": 1 empty cell in 1 column; fill them in',
  );
  await expect(table("people.parquet", "smokes", { fillsGaps: true })).rejects.toThrow(
    'people.parquet, row 1, column "y": expected a finite number, got "yes"',
  );
  await expect(table("people.parquet", "z")).rejects.toThrow(
    'people.parquet: expected a column out of id, height, smokes, y, got "z"',
  );
  const broken: SlicedFile = { name: "b.parquet", byteCount: 12, slice: async () => new ArrayBuffer(12) };
  await expect(parquetTableOf(broken, null, {}, {})).rejects.toThrow(/b.parquet: expected a Parquet file that can be/);
});
