import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { QUERIES_HELD_BYTES_MAX } from "../../../shared/protocol/limits.ts";
import { encodeNpy } from "../../../shared/protocol/npy.ts";
import { readFileRows } from "./engine/query-file.ts";
import { SubmittedQueries } from "./submitted-queries.ts";

test("[LJ1] [LJ4] many rows of a large file are read in pieces of a quarter of a million numbers, and are all there", async () => {
  const [rowCount, inputSize] = [30, 100_000];
  const folder = await mkdtemp(join(tmpdir(), "paritab-queries-"));
  try {
    const data = Float32Array.from({ length: rowCount * inputSize }, (_, i) => i);
    const file = encodeNpy({ dtype: "F32", shape: [rowCount, inputSize], data });
    const path = join(folder, "queries.npy");
    await writeFile(path, file);
    const unasked = () => Promise.reject(new Error("expected its file to be read, and nothing else"));
    const store = {
      blobBytes: async () => QUERIES_HELD_BYTES_MAX + 1,
      blobFile: async () => ({ path, bytes: file.length }),
      ...{ getBlob: unasked, pieces: unasked },
    };
    const readRows = vi.fn(readFileRows);
    const queries = new SubmittedQueries(store, readRows);
    const indices = Array.from({ length: rowCount }, (_, row) => rowCount - 1 - row);
    const rows = await queries.rows({ jobId: "job", queriesSha256: "large", inputSize }, indices);
    expect(rows).toMatchObject({ dtype: "F32", shape: [rowCount, inputSize] });
    for (const [place, query] of indices.entries()) {
      expect(rows!.data[place * inputSize + 7]).toBe(query * inputSize + 7);
    }
    expect(readRows.mock.calls.map(([, , asked]) => asked.length)).toEqual(Array(15).fill(2));
  } finally {
    await rm(folder, { recursive: true });
  }
});
