import { mkdtempSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { asyncBufferFromFile, parquetReadObjects } from "hyparquet";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ParquetWriter } from "./parquet.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "paritab-parquet-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test.each([0, 1, 3, 4_096, 9_000])("%i rows are read by somebody else as they were written", async (count) => {
  const path = join(folder, "rows.parquet");
  const rows = Array.from({ length: count }, (_, i) => ({
    text: `text ${i} äöü\n${"x".repeat(i % 300)}`,
    bound: i / 8,
    embedding: Array.from({ length: 1 + (i % 3) }, (_, c) => i + c / 4),
  }));
  const file = await open(path, "w");
  const writer = new ParquetWriter(file, [
    { name: "text", type: "text" },
    { name: "bound", type: "float" },
    { name: "embedding", type: "floats" },
  ]);
  for (const row of rows) await writer.add(row);
  await writer.end();
  await file.close();
  const read = await parquetReadObjects({ file: await asyncBufferFromFile(path) });
  expect(read).toEqual(rows);
});
