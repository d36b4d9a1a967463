/** What lies on the disk after the last stop, read by ourselves: rows, blobs, leftovers, the audit log's chain. */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ChainCheck } from "../../../server/operator/audit-chain.ts";
import { AUDIT_LOG_NAME } from "../../../server/operator/audit-log.ts";
import { openStore } from "../../../server/store/open-store.ts";
import { CELL_LEASE_MS } from "../../../shared/protocol/limits.ts";
import type { Findings, Ledger } from "./ledger.ts";

/** A small blob is written and renamed long before, however busy the disk. */
const WRITING_MS_MAX = 3_000;

/** Uploads that a crash left behind half-written are gone as soon as the next coordinator has started. */
export async function checkBlobs(dataDirectory: string, ledger: Ledger, findings: Findings): Promise<void> {
  const blobs = join(dataDirectory, "blobs");
  for (const name of readdirSync(blobs).filter((folder) => folder.startsWith("tmp"))) {
    const leftOver = await halfWritten(join(blobs, name));
    if (leftOver.length > 0) findings.wrong(`blobs/${name} holds ${leftOver.length} files that nobody writes`);
  }
  const there = new Set<string>();
  for (const folder of readdirSync(blobs).filter((name) => name.length === 2)) {
    for (const name of readdirSync(join(blobs, folder))) {
      const sha256 = createHash("sha256")
        .update(readFileSync(join(blobs, folder, name)))
        .digest("hex");
      if (sha256 !== name) findings.wrong(`blob ${name} is damaged`);
      there.add(name);
    }
  }
  for (const sha256 of ledger.uploads) {
    if (!there.has(sha256)) findings.lost(`upload ${sha256} was acknowledged and is gone`);
  }
}

/** Files that are half-written, and that nobody goes on writing: what has just been begun has a name there too. */
async function halfWritten(directory: string): Promise<string[]> {
  const names = () => (existsSync(directory) ? readdirSync(directory) : []);
  const before = names();
  if (before.length > 0) await sleep(WRITING_MS_MAX);
  return names().filter((name) => before.includes(name));
}

/** After the last coordinator has stopped. @returns blobs that nothing referred to, and that a collection took */
export async function checkStore(
  dataDirectory: string,
  databaseUrl: string | null,
  ledger: Ledger,
  findings: Findings,
): Promise<number> {
  const { store } = await openStore({ dataDirectory, databaseUrl, cell: null, cellLeaseMs: CELL_LEASE_MS });
  try {
    const rows = await store.jobs();
    const byId = new Map(rows.map((row) => [row.jobId, row]));
    if (byId.size !== rows.length) findings.doubled("two rows of the store are the same job");
    for (const { jobId, ended } of ledger.jobs.values()) {
      const row = byId.get(jobId);
      if (row === undefined) findings.lost(`job ${jobId} was acknowledged and is not in the store`);
      else if (ended !== null && row.state !== ended)
        findings.lost(`job ${jobId}: the store has ${row.state}, not ${ended}`);
    }
    // What nothing refers to goes at the second collection that finds it so; uploads that count stay.
    await store.collectBlobs(ledger.uploads, 0);
    const { blobs } = await store.collectBlobs(ledger.uploads, 0);
    await checkBlobs(dataDirectory, ledger, findings);
    return blobs;
  } finally {
    await store.close();
  }
}

export function checkAuditLog(dataDirectory: string, findings: Findings): void {
  const check = new ChainCheck();
  const lines = readFileSync(join(dataDirectory, AUDIT_LOG_NAME), "utf8").split("\n");
  if (lines.pop() !== "") findings.wrong("the audit log ends in the middle of a line");
  for (const line of lines) {
    const problem = check.add(line);
    if (problem !== null) return findings.wrong(`the audit log's chain is broken: ${problem}`);
  }
}
