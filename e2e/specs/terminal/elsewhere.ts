/** Another machine: it knows the coordinator's address and the ids of jobs, and nothing of what was submitted. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { expect } from "vitest";
import { EXIT } from "../../../server/cli/exit-codes.ts";
import { cli } from "./fake-terminal.ts";

/** @param said of a command @returns the ids of the jobs that it named, in their order */
export const jobsIn = (said: string): string[] => [...said.matchAll(/^job ([\w-]{24})$/gm)].map(([, id]) => id!);

/**
 * What `paritab results` writes there is what `submit --out` has written here, byte for byte, whichever of its jobs is named.
 * @param out what `submit` has written @param said what it said
 */
export async function expectSameElsewhere(url: string, said: string, out: string, ...more: string[]): Promise<void> {
  const jobIds = jobsIn(said);
  expect(jobIds.length).toBeGreaterThan(0);
  const folder = mkdtempSync(join(tmpdir(), "paritab-elsewhere-"));
  try {
    for (const jobId of jobIds) {
      const written = join(folder, `answers${extname(out)}`);
      const asked = ["results", jobId, "--out", written, ...more];
      const got = await cli(asked, { environment: { PARITAB_URL: url, XDG_CONFIG_HOME: join(folder, "config") } });
      expect([jobId, got.code, got.said]).toEqual([jobId, EXIT.ok, ""]);
      const [here, there] = [readFileSync(out), readFileSync(written)];
      expect(there.length).toBeGreaterThan(0);
      expect(there.equals(here), `${out}: ${there.toString().slice(0, 300)}`).toBe(true);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
