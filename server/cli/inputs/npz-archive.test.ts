import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zipSync } from "fflate";
import { afterAll, expect, test } from "vitest";
import { encodeNpy, parseNpy } from "../../../shared/protocol/npy.ts";
import { inputsIn, isArchive, readArchive, rowsIn } from "./npz-archive.ts";

const folder = mkdtempSync(join(tmpdir(), "paritab-inputs-"));
afterAll(() => rmSync(folder, { recursive: true }));

const INPUTS = [
  { name: "input_ids", shape: [3], dtype: "int64" },
  { name: "attention_mask", shape: [3], dtype: "int64" },
];
const bytes = (count: number, length = 3) =>
  encodeNpy({ dtype: "U8", shape: [count, length], data: new Uint8Array(count * length).fill(count) });

function archive(name: string, arrays: Record<string, Uint8Array>): string {
  const path = join(folder, name);
  const files = Object.entries(arrays).map(([key, npy]) => [`${key}.npy`, npy] as const);
  writeFileSync(path, zipSync(Object.fromEntries(files)));
  return path;
}

test("an archive has an array for each input, by its name; others in it are left alone", async () => {
  const path = archive("both.npz", { input_ids: bytes(2), attention_mask: bytes(2), labels: bytes(9) });
  const arrays = await inputsIn(await readArchive(path), INPUTS);
  expect(Object.keys(arrays)).toEqual(["input_ids", "attention_mask"]);
  expect(parseNpy(arrays.input_ids!)).toMatchObject({ dtype: "U8", shape: [2, 3] });
  expect([isArchive(path), isArchive(`${path}:input_ids`)]).toEqual([true, false]);
});

test("the only array of an archive is rows; of several it is said which there are", async () => {
  const one = await readArchive(archive("one.npz", { rows: bytes(2) }));
  expect(await rowsIn(one)).toMatchObject({ shape: [2, 3], dtype: "U8" });
  const two = await readArchive(archive("two.npz", { train: bytes(2), test: bytes(2) }));
  await expect(rowsIn(two)).rejects.toThrow(/two\.npz:NAME to say which array, because it holds train, test/);
});

test.each([
  ["one is missing", { input_ids: bytes(2) }, /expected an array named "attention_mask", got input_ids/],
  [
    "one is shorter",
    { input_ids: bytes(2), attention_mask: bytes(1) },
    /"attention_mask": expected shape \(2, 3\), got \(1, 3\)/,
  ],
  [
    "one is wider",
    { input_ids: bytes(2, 4), attention_mask: bytes(2) },
    /"input_ids": expected shape \(2, 3\), got \(2, 4\)/,
  ],
  [
    "both are wrong",
    { input_ids: bytes(2, 4), mask: bytes(2) },
    /^2 problems:\n\(1\) .*"input_ids": expected shape .*\n\(2\) .*expected an array named "attention_mask", got input_ids, mask/,
  ],
  ["one is none", { input_ids: new Uint8Array(9), attention_mask: bytes(2) }, /"input_ids": npy: /],
  [
    "two are none",
    { input_ids: new Uint8Array(9), attention_mask: new Uint8Array(9) },
    /^2 problems:\n\(1\) .*"input_ids": npy: .*\n\(2\) .*"attention_mask": npy: /,
  ],
] as const)("it is refused where %s", async (name, arrays, message) => {
  const path = archive(`${name}.npz`, arrays);
  await expect(readArchive(path).then((read) => inputsIn(read, INPUTS))).rejects.toThrow(message);
});
