import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { PROCESS_FLAGS } from "./trusted/process-flags.ts";
import { V8_FLAGS } from "./v8-settings.ts";

const started = (...flags: string[]) => spawnSync(process.execPath, [...flags, "--eval", "0"], { encoding: "utf8" });

test.each([...V8_FLAGS, ...PROCESS_FLAGS])("V8 knows %s", (flag) => {
  expect(started(flag)).toMatchObject({ status: 0, stderr: "" });
});

test("what V8 does not know it refuses", () => {
  expect(started("--heap-growing-like-never-before=200").status).not.toBe(0);
});
