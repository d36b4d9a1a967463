import { unzipSync } from "fflate";
import { expect, test } from "vitest";
import { encodeNpy, parseNpy } from "../protocol/npy.ts";
import { arrayNames, arrayOfNpz } from "./npz.ts";
import { arraysOf, npzEntries, shapedNpy, writeZip, type ZipEntry } from "./zip-writer.ts";

async function zipped(entries: Iterable<ZipEntry>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  await writeZip(entries, (bytes) => void parts.push(bytes));
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

const outputs = [
  { name: "logits", shape: [2, 3] },
  { name: "/head/pred_boxes", shape: [2] },
];
const rows = { dtype: "F32", shape: [2, 8], data: Float32Array.from({ length: 16 }, (_, i) => i) } as const;

test("several outputs are an array each, by name and in shape", async () => {
  const npz = await zipped(npzEntries(encodeNpy(rows), outputs));
  expect(arrayNames(npz, "x.npz")).toEqual(["logits", "/head/pred_boxes"]);
  const logits = parseNpy(arrayOfNpz(npz, "logits", "x.npz"));
  expect(logits.shape).toEqual([2, 2, 3]);
  expect([...logits.data]).toEqual([0, 1, 2, 3, 4, 5, 8, 9, 10, 11, 12, 13]);
  const boxes = parseNpy(arrayOfNpz(npz, "/head/pred_boxes", "x.npz"));
  expect([...boxes.data]).toEqual([6, 7, 14, 15]);
  expect(await zipped(npzEntries(encodeNpy(rows), outputs))).toEqual(npz);
});

test("one output alone gets its shape; shapes that do not fit a row are refused", () => {
  expect(parseNpy(shapedNpy(encodeNpy(rows), [{ name: "y", shape: [2, 2, 2] }])).shape).toEqual([2, 2, 2, 2]);
  expect(parseNpy(shapedNpy(encodeNpy(rows), outputs)).shape).toEqual([2, 8]);
  expect(() => arraysOf(rows, [outputs[0]!])).toThrow(/expected 8 numbers a row, got 6/);
});

test("an archive is read by others, an empty one too", async () => {
  const entries = [
    { name: "a/1.png", bytes: Uint8Array.of(1, 2, 3) },
    { name: "ä.npy", bytes: new Uint8Array(0) },
  ];
  expect(unzipSync(await zipped(entries))).toEqual({ "a/1.png": Uint8Array.of(1, 2, 3), "ä.npy": new Uint8Array(0) });
  expect(unzipSync(await zipped([]))).toEqual({});
});
