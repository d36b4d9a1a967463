import { expect, test } from "vitest";
import { processUsage, usageOfProc, usageOfPs } from "./process-usage.ts";

test("what Linux says: pages and ticks, whatever the process calls itself", () => {
  const stat = "42 (no) (de 7) S 1 42 42 0 -1 4194304 100 0 0 0 150 25 0 0 20 0 11 0 100 1000 2000";
  expect(usageOfProc("9000 512 100 10 0 80 0", stat)).toEqual({ bytes: 512 * 4096, cpuMs: 1750 });
});

test("what ps says, of macOS and of others", () => {
  expect(usageOfPs("  2048   0:01.50\n")).toEqual({ bytes: 2048 * 1024, cpuMs: 1500 });
  expect(usageOfPs("2048 1-02:03:04\n")).toEqual({ bytes: 2048 * 1024, cpuMs: (26 * 3600 + 184) * 1000 });
});

test("of this process, and of none", async () => {
  expect((await processUsage(process.pid))?.bytes).toBeGreaterThan(1e6);
  expect(await processUsage(2 ** 30)).toBeNull();
});
