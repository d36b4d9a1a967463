import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { knownLabels } from "../../bench/capacity/known-labels.ts";
import { brokenUpload, largeJob } from "../../bench/capacity/large-job.ts";
import { startProcess } from "../../coordinators/coordinator-process.ts";

const QUERIES = 60_000;
const FILE_MB = (QUERIES * 784 * 4) / 2 ** 20;

test(`[LJ1] [LJ2] a job of ${QUERIES} queries of 784 floats is answered right, and a process never holds them whole`, {
  timeout: 600_000,
}, async () => {
  const dataDirectory = mkdtempSync(join(tmpdir(), "paritab-large-"));
  const coordinator = await startProcess({ dataDirectory, environment: { PARITAB_LOG_LEVEL: "error" } });
  try {
    expect(await brokenUpload(coordinator, dataDirectory, 20_000_000)).toEqual([]);
    expect(readdirSync(join(dataDirectory, "blobs"))).toEqual(["tmp"]);
    const found = await largeJob({
      ...{ coordinator, queries: QUERIES, dtype: "F32", sessions: 8 },
      labels: await knownLabels(),
    });
    expect([found.lost, found.wrong]).toEqual([0, 0]);
    // What lies in memory while bytes arrive is some pieces of them; while rows are computed, claims, answers, and what was not collected yet.
    expect(found.heldMb.whileUploaded).toBeLessThan(FILE_MB / 2);
    expect(found.heldMb.whileComputed).toBeLessThan(FILE_MB);
  } finally {
    await coordinator.end("SIGKILL");
    rmSync(dataDirectory, { recursive: true, force: true });
  }
});
