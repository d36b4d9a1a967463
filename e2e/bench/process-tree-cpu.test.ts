import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { childrenCpuMs, livingChildrenCpuMs, processTreeCpuMs } from "./process-tree-cpu.ts";

const SPIN = "const until = process.cpuUsage().user + 300_000; while (process.cpuUsage().user < until);";

test.runIf(process.platform === "linux")(
  "what a process spends counts, and what those spend that it began",
  async () => {
    // The child spends 300 ms in a process of its own, says so, and stays until it is told to end.
    const script = `require("node:child_process").execFileSync(process.execPath, ["-e", ${JSON.stringify(SPIN)}]); console.log("spent"); process.stdin.resume();`;
    const child = spawn(process.execPath, ["-e", script], { stdio: ["pipe", "pipe", "inherit"] });
    try {
      await once(child.stdout!, "data");
      expect(processTreeCpuMs(child.pid!)).toBeGreaterThanOrEqual(290);
      // Who has ended counts, and is not there.
      expect(childrenCpuMs(child.pid!)).toBeGreaterThanOrEqual(290);
      expect(childrenCpuMs(child.pid!)).toBeLessThan(processTreeCpuMs(child.pid!));
      expect(livingChildrenCpuMs(child.pid!)).toBe(0);
      expect(livingChildrenCpuMs(process.pid)).toBeGreaterThanOrEqual(290);
      expect(processTreeCpuMs(process.pid)).toBeGreaterThan(processTreeCpuMs(child.pid!));
    } finally {
      child.stdin!.end();
      await once(child, "exit");
    }
    expect(() => processTreeCpuMs(2 ** 30)).toThrow(/expected a process/);
  },
);
