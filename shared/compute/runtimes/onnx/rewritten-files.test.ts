/** Small files of which packing once made another model, or none: each beside itself. */
import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { packOnnx } from "./pack-onnx.ts";
import { besideFile, someRow } from "./testing/beside-file.ts";

const FOLDER = new URL("testing/rewritten/", import.meta.url);
const read = (name: string) => new Uint8Array(readFileSync(new URL(name, FOLDER)));
const REFUSED = "loop-scan-refused-op.onnx";
const FILES = readdirSync(FOLDER).filter((name) => name !== REFUSED);

it.each(FILES)("[PR110] %s gives what the file itself gives", async (name) => {
  const most = /hash|table/.test(name) ? 50 : null;
  const { file, packed } = await besideFile(read(name), 8, (size, row) => someRow(size, row, most));
  for (const [row, outputs] of packed.entries()) expect([...outputs]).toEqual([...file[row]!].map(Math.fround));
});

it("a refusal within a loop keeps its reason", () => {
  expect(() => packOnnx(read(REFUSED))).toThrow(/Unique.*the query decides how many numbers come out/);
});
