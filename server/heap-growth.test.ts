import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { HEAP_GROWTH_FLAG } from "./heap-growth.ts";

test("V8 knows the flag that lets the heap grow", () => {
  const started = (flag: string) => spawnSync(process.execPath, [flag, "--eval", "0"], { encoding: "utf8" });
  expect(started(HEAP_GROWTH_FLAG)).toMatchObject({ status: 0, stderr: "" });
  expect(started("--heap-growing-like-never-before=200").status).not.toBe(0);
});
