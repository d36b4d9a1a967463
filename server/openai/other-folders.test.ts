import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { handIn, takeIn } from "./other-folders.ts";

let data: string;
let service: string;
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), "paritab-v1-folders-"));
  service = join(data, "v1");
});
afterEach(() => rmSync(data, { recursive: true, force: true }));

/** As a coordinator of an earlier version left it. */
function kept(cell: string, files: Readonly<Record<string, string>>): void {
  for (const [name, content] of Object.entries(files)) {
    const path = join(data, "cells", cell, "v1", name);
    mkdirSync(join(path, ".."), { recursive: true });
    writeFileSync(path, content);
  }
}
const model = (createdS: number, folder: string) => JSON.stringify({ id: "m", createdS, folder });
const read = (name: string) => readFileSync(join(service, name), "utf8");

test("[CE14] what two coordinators kept for themselves becomes the service's, whole", async () => {
  kept("a", { "files/file-1.json": '{"id":"file-1","createdS":1}', "files/file-1.bytes": "one" });
  kept("b", { "files/file-2.json": '{"id":"file-2","createdS":2}', "batches/batch_1.json": "{}" });
  for (const name of ["a", "b", "c"]) await handIn(data, name, service);
  expect(await takeIn(service)).toBe(true);
  expect(readdirSync(join(service, "files")).sort()).toEqual(["file-1.bytes", "file-1.json", "file-2.json"]);
  expect([read("files/file-1.bytes"), read("batches/batch_1.json")]).toEqual(["one", "{}"]);
  expect(readdirSync(service).sort()).toEqual(["batches", "files"]);
  expect(await takeIn(service)).toBe(false);
});

test("[CE14] of two models of one name the later one stays", async () => {
  kept("a", { "models/m.json": model(7, "files-a"), "models/files-a/model.onnx": "a" });
  kept("b", { "models/m.json": model(6, "files-b"), "models/files-b/model.onnx": "b" });
  for (const name of ["a", "b"]) await handIn(data, name, service);
  await takeIn(service);
  expect(JSON.parse(read("models/m.json"))).toMatchObject({ createdS: 7, folder: "files-a" });
  expect(read("models/files-a/model.onnx")).toBe("a");
});

test("[CE14] where a crash broke it off it goes on, and nothing is lost", async () => {
  kept("a", { "models/m.json": model(7, "files-a"), "models/files-a/model.onnx": "a", "batches/batch_1.json": "{}" });
  await handIn(data, "a", service);
  // The bytes had been moved, the record not yet.
  const [from] = readdirSync(service) as [string];
  mkdirSync(join(service, "models", "files-a"), { recursive: true });
  writeFileSync(join(service, "models", "files-a", "model.onnx"), "a");
  rmSync(join(service, from, "models", "files-a"), { recursive: true });
  expect(await takeIn(service)).toBe(true);
  expect([read("models/m.json"), read("models/files-a/model.onnx")]).toEqual([model(7, "files-a"), "a"]);
  expect(read("batches/batch_1.json")).toBe("{}");
});
