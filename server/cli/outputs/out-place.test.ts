import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { requireOutPlace } from "./out-place.ts";
import { writeWhole } from "./whole-file.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "paritab-out-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const refusal = (path: string) =>
  requireOutPlace("--out", path).then(
    () => null,
    (error: Error) => error.message.replaceAll(folder, "F"),
  );

test("a file in a folder that is there may be written, whether it is there or not", async () => {
  writeFileSync(join(folder, "old.npy"), "old");
  expect(await refusal(join(folder, "old.npy"))).toBeNull();
  expect(await refusal(join(folder, "new.npy"))).toBeNull();
  expect(await refusal("new.npy")).toBeNull();
  expect(await refusal("/dev/null")).toBeNull();
  expect(readFileSync(join(folder, "old.npy"), "utf8")).toBe("old");
});

test("a folder that is missing, a file in its place and a folder in the file's place are refused, each with what is wrong", async () => {
  const expected = '--out: expected a file that can be written, got "F';
  writeFileSync(join(folder, "file"), "");
  expect(await refusal(join(folder, "no/x.npy"))).toBe(
    `${expected}/no/x.npy": there is no folder "F/no"; make it first`,
  );
  expect(await refusal(join(folder, "file/x.npy"))).toBe(`${expected}/file/x.npy": "F/file" is no folder`);
  expect(await refusal(folder)).toBe(`${expected}": that is a folder`);
});

test("a file of answers is there once it is whole; one that breaks off leaves what was there before", async () => {
  const path = join(folder, "labels.csv");
  writeFileSync(path, "before");
  const broken = writeWhole(path, async (file) => {
    await file.write("half");
    throw new Error("the job failed");
  });
  await expect(broken).rejects.toThrow("the job failed");
  expect([readdirSync(folder), readFileSync(path, "utf8")]).toEqual([["labels.csv"], "before"]);
  const result = await writeWhole(path, async (file) => {
    await file.write("first\n");
    expect(readFileSync(path, "utf8")).toBe("before");
    await file.write("second\n");
    return 2;
  });
  expect([result, readdirSync(folder), readFileSync(path, "utf8")]).toEqual([2, ["labels.csv"], "first\nsecond\n"]);
});
