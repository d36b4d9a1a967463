/** `paritab serve` and `paritab swarm`: a coordinator and a crowd of real tabs, each from one command. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "@playwright/test";
import { freePort } from "../../server/testing/free-port.ts";
import { createParitabClient } from "../../shared/sdk/paritab-client.ts";

const PARITAB = fileURLToPath(new URL("../../server/cli/paritab.mjs", import.meta.url));

test("serve runs a coordinator with its data where it is told, swarm opens tabs on it, and both end when they are asked to", async () => {
  const folder = mkdtempSync(join(tmpdir(), "paritab-serve-"));
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const client = createParitabClient({ baseUrl: url });
  // A path relative to where one stands, though the coordinator runs elsewhere.
  const coordinator = paritab(["serve", "--port", String(port), "--data-dir", "data", "--allow-faults"], folder, url);
  try {
    await expect.poll(() => client.health()).toBe(true);
    expect(existsSync(join(folder, "data"))).toBe(true);
    const crowd = paritab(["swarm", "--tabs", "2"], folder, url);
    const ready = async () => (await client.sessions()).filter(({ state }) => state === "idle").length;
    await expect.poll(ready).toBe(2);
    expect(await ended(crowd)).toBe(0);
    await expect.poll(async () => (await client.sessions()).length).toBe(0);
  } finally {
    expect(await ended(coordinator)).toBe(0);
    rmSync(folder, { recursive: true, force: true });
  }
});

function paritab(argv: string[], cwd: string, url: string): ChildProcess {
  const environment = { ...process.env, PARITAB_URL: url, XDG_CONFIG_HOME: cwd };
  return spawn(process.execPath, [PARITAB, ...argv], { cwd, env: environment, stdio: "ignore" });
}

async function ended(child: ChildProcess): Promise<number | null> {
  const exited = new Promise<number | null>((resolve) => child.once("exit", resolve));
  if (child.exitCode !== null) return child.exitCode;
  child.kill("SIGTERM");
  return exited;
}
