import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { encodeNpy } from "../../../../shared/protocol/npy.ts";
import { type QueryFile, readFileRows } from "./query-file.ts";
import { gatherEntries, gatherRows, storedWindow } from "./query-rows.ts";

const directory = mkdtempSync(join(tmpdir(), "paritab-query-file-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const [COUNT, WIDTH] = [50, 7];
const DATA = {
  U8: Uint8Array.from({ length: COUNT * WIDTH }, (_, i) => (i * 31) & 255),
  U16: Uint16Array.from({ length: COUNT * WIDTH }, (_, i) => i * 41),
  F32: Float32Array.from({ length: COUNT * WIDTH }, (_, i) => i / 3),
};

function written(dtype: QueryFile["dtype"]): QueryFile {
  const data = DATA[dtype];
  const bytes = encodeNpy({ dtype, shape: [COUNT, WIDTH], data } as Parameters<typeof encodeNpy>[0]);
  const path = join(directory, dtype);
  writeFileSync(path, bytes);
  return { path, dataStart: bytes.length - data.byteLength, dtype, length: data.length };
}

test("[LJ1] rows of a file are those of the array, in any order, one after another or apart", () => {
  for (const dtype of ["U8", "U16", "F32"] as const) {
    const file = written(dtype);
    for (const rows of [[0], [49, 0, 1, 2, 3, 17], [5, 5, 6], [], [48, 49]]) {
      expect(readFileRows(file, WIDTH, Uint32Array.from(rows))).toEqual(
        gatherEntries(DATA[dtype], WIDTH, Uint32Array.from(rows)),
      );
    }
    const [held, stored] = [DATA[dtype], file].map((values) => ({ values, inputSize: WIDTH, scale: 1 / 255 }));
    const some = Uint32Array.of(9, 10, 2);
    expect(gatherRows(stored!, some)).toEqual(gatherRows(held!, some));
    expect(storedWindow(stored!, 3, 9)).toEqual(storedWindow(held!, 3, 9));
  }
});

test("[LJ1] a file that is shorter than it was is an error, and no rows of zeros", () => {
  const file = written("U8");
  writeFileSync(file.path, new Uint8Array(file.dataStart + WIDTH));
  expect(() => readFileRows(file, WIDTH, Uint32Array.of(3))).toThrow("got the end of the file");
});
