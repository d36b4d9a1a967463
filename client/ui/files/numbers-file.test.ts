import { readFileSync } from "node:fs";
import { encode } from "fast-png";
import { zipSync } from "fflate";
import { expect, test } from "vitest";
import { encodeNpy, parseNpy } from "../../../shared/protocol/npy.ts";
import { columnsOf, labelsFrom, numbersFrom } from "./numbers-file.ts";

const file = (name: string, content: string | Uint8Array) => new File([content as string], name);
const arrayIn = async (npy: File) => parseNpy(new Uint8Array(await npy.arrayBuffer()));
const png = (name: string, grey: number) =>
  file(name, encode({ width: 2, height: 1, channels: 1, depth: 8, data: Uint8Array.of(grey, grey + 1) }));

test("a .npy file is sent as it is, whatever stands in it", async () => {
  const npy = file("x.npy", "no array");
  expect(await numbersFrom([npy], { labelColumn: null })).toEqual({ npy, labels: null, columnNames: null, notes: [] });
});

test("of an archive its only array is taken; of several it is said which there are", async () => {
  const npy = encodeNpy({ dtype: "I32", shape: [2], data: Int32Array.of(7, 8) });
  const one = file("x.npz", zipSync({ "y.npy": npy }));
  expect((await arrayIn((await numbersFrom([one], { labelColumn: null })).npy)).data).toEqual(Int32Array.of(7, 8));
  expect((await arrayIn(await labelsFrom(one, {}))).shape).toEqual([2]);
  const two = file("x.npz", zipSync({ "a.npy": npy, "b.npy": npy }));
  await expect(numbersFrom([two], { labelColumn: null })).rejects.toThrow(
    'x.npz: expected one array, got a, b; in Python: np.save("NAME.npy", np.load("x.npz")["NAME"])',
  );
  await expect(labelsFrom(file("x.npz", "no archive"), {})).rejects.toThrow("x.npz: expected a .npz archive");
});

test("a CSV becomes a table, with a column of it as labels", async () => {
  const csv = file("x.csv", "a,b,y\n1,2,7\n3,4,8\n");
  expect(await columnsOf(csv)).toEqual({ names: ["a", "b", "y"], count: 3 });
  const { npy, labels } = await numbersFrom([csv], { labelColumn: "y" });
  expect(await arrayIn(npy)).toEqual({ dtype: "F32", shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) });
  expect(await arrayIn(labels!)).toEqual({ dtype: "I32", shape: [2], data: Int32Array.of(7, 8) });
  await expect(numbersFrom([file("x.csv", "1,2\n3,x\n")], { labelColumn: null })).rejects.toThrow(
    'x.csv, line 2, column 2: expected a finite number, got "x"',
  );
});

test("a Parquet file becomes a table as a CSV does", async () => {
  const bytes = readFileSync(new URL("../../../shared/inputs/vectors/people.parquet", import.meta.url));
  const parquet = file("people.parquet", bytes);
  expect((await columnsOf(parquet))?.names).toEqual(["id", "height", "smokes", "y"]);
  const { npy, labels } = await numbersFrom([parquet], { labelColumn: "y", fillsGaps: true });
  expect((await arrayIn(npy)).shape).toEqual([6, 3]);
  expect((await arrayIn(labels!)).data).toEqual(Int32Array.of(1, 0, 1, 1, 0, 0));
});

test("labels of their own are one column", async () => {
  expect((await arrayIn(await labelsFrom(file("y.csv", "y\n7\n8\n"), {}))).data).toEqual(Int32Array.of(7, 8));
  const real = await labelsFrom(file("y.csv", "0.5\n8\n"), { anyLabels: true });
  expect((await arrayIn(real)).data).toEqual(Float64Array.of(0.5, 8));
  await expect(labelsFrom(file("y.csv", "1,2\n"), {})).rejects.toThrow("y.csv: expected one column of labels, got 2");
});

test("pictures are taken in the order of their names", async () => {
  const { npy } = await numbersFrom([png("10.png", 5), png("2.png", 0)], { labelColumn: null });
  expect(await arrayIn(npy)).toEqual({ dtype: "U8", shape: [2, 1, 2, 1], data: Uint8Array.of(0, 1, 5, 6) });
});

test("files of several kinds are no input", async () => {
  await expect(numbersFrom([png("1.png", 0), file("x.csv", "1\n")], { labelColumn: null })).rejects.toThrow(
    "expected one file, or PNG pictures, got 1.png, x.csv",
  );
});
