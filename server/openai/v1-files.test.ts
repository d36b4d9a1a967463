import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { V1_BYTES_PER_SUBMITTER_MAX } from "../../shared/protocol/limits.ts";
import { dropHalfWritten } from "./durable-folder.ts";
import { V1Files } from "./v1-files.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "paritab-v1-files-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** After a start, as openai.ts has it. */
async function started(): Promise<V1Files> {
  await dropHalfWritten(folder);
  const files = new V1Files(folder);
  await files.look();
  return files;
}
async function* bytes(...pieces: string[]) {
  for (const piece of pieces) yield Buffer.from(piece);
}
async function contentOf(files: V1Files, id: string): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of files.read(id)) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}
const about = { owner: "ada", filename: "in.jsonl", purpose: "batch" } as const;

test("what was written is there after a restart, and belongs to whoever wrote it", async () => {
  const files = await started();
  const file = await files.write(about, bytes("one\n", "two\n"), { nowS: 7 });
  await files.write({ ...about, owner: "bob" }, bytes("x"), { nowS: 8 });
  const again = await started();
  expect(again.get(file.id)).toEqual({ ...about, id: file.id, byteCount: 8, createdS: 7 });
  expect(await contentOf(again, file.id)).toBe("one\ntwo\n");
  expect(again.of("ada").map(({ id }) => id)).toEqual([file.id]);
  expect(again.of(null).map(({ createdS }) => createdS)).toEqual([8, 7]);
});

test("a file that is written again under its id is one file, and the new one", async () => {
  const files = await started();
  for (const text of ["half", "whole"]) await files.write(about, bytes(text), { id: "file-01" });
  expect(await contentOf(files, "file-01")).toBe("whole");
  expect((await started()).of("ada").length).toBe(1);
});

test("one that is too large leaves nothing, and half a file of a crash goes", async () => {
  const files = await started();
  await expect(files.write(about, bytes("12345", "6"), { bytesMax: 5 })).rejects.toMatchObject({ status: 413 });
  expect(readdirSync(folder)).toEqual([]);
  writeFileSync(join(folder, "file-02-00.part"), "half");
  await started();
  expect(readdirSync(folder)).toEqual([]);
});

test("a submitter's room is bounded, and what is deleted makes room", async () => {
  const files = await started();
  const { id } = await files.write(about, bytes("12345"));
  expect(() => files.requireRoom("ada", V1_BYTES_PER_SUBMITTER_MAX - 5)).not.toThrow();
  expect(() => files.requireRoom("ada", V1_BYTES_PER_SUBMITTER_MAX - 4)).toThrow(/got 1 of 5 bytes; delete some/);
  expect(() => files.requireRoom("bob", V1_BYTES_PER_SUBMITTER_MAX)).not.toThrow();
  await files.remove(id);
  expect(readdirSync(folder)).toEqual([]);
});
