/** The same jobs on several coordinators of one PostgreSQL server at once, each with its part of the tabs. */
import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { PostgresServer } from "../../../server/store/testing/postgres-server.ts";
import { type CoordinatorProcess, startProcess } from "../../coordinators/coordinator-process.ts";
import { processTreeCpuMs } from "../process-tree-cpu.ts";
import { CONNECTED_QUERIES, type ConnectedOptions, connected } from "./connected.ts";
import { processFigures } from "./process-figures.ts";

const REST_MS = 10_000;

interface CellsOptions extends Omit<ConnectedOptions, "digits" | "begins"> {
  /** Has each coordinator its part of every job, in place of as many jobs as the others? */
  readonly inParts: boolean;
}

/**
 * Throughput is that of all; times and loops are the worst of any; processor time is of all coordinators, and beside it that of the database
 * server with all of its processes.
 */
export async function onCells(count: number, { sessions, inParts, ...options }: CellsOptions) {
  const server = await PostgresServer.start();
  const dataDirectory = await realpath(await mkdtemp(join(tmpdir(), "paritab-capacity-cells-")));
  const cells: CoordinatorProcess[] = [];
  try {
    const databaseUrl = await server.newDatabase();
    for (let n = 0; n < count; n++) {
      const environment = {
        ...{ PARITAB_LOG_LEVEL: "error", PARITAB_TRUST_LOOPBACK: "1" },
        ...{ PARITAB_DATABASE_URL: databaseUrl, PARITAB_CELL: `cell-${n}` },
      };
      cells.push(await startProcess({ dataDirectory, environment }));
    }
    const restMsPerSecond = await atRest(cells);
    const each = Math.floor(sessions / count);
    const digits = Math.floor(CONNECTED_QUERIES / (inParts ? count : 1));
    let databaseBeforeMs = 0;
    const begins = whenAll(count, () => {
      databaseBeforeMs = processTreeCpuMs(server.pid);
    });
    const rows = await Promise.all(
      cells.map((cell, n) => {
        const own = { from: inParts ? n * digits : 0, count: digits };
        return connected(cell, { ...options, sessions: each, digits: own, begins });
      }),
    );
    const databaseMs = processTreeCpuMs(server.pid) - databaseBeforeMs;
    const sum = (of: (row: (typeof rows)[number]) => number) => rows.reduce((total, row) => total + of(row), 0);
    const worst = (of: (row: (typeof rows)[number]) => number | null) => Math.max(...rows.map((row) => of(row) ?? 0));
    const batchesPerSecond = sum((row) => row.batchesPerSecond);
    return {
      batchesPerSecond,
      cpuMsPerBatch: sum((row) => row.cpuMsPerBatch * row.batchesPerSecond) / batchesPerSecond,
      cpuMsPerAnswer: sum((row) => row.cpuMsPerAnswer) / count,
      restMsPerSecond,
      databaseMsPerAnswer: databaseMs / (count * options.jobs * digits),
      auditShare: sum((row) => row.auditShare) / count,
      p50Ms: worst((row) => row.p50Ms),
      p95Ms: worst((row) => row.p95Ms),
      rssMb: sum((row) => row.rssMb),
      loopP99Ms: worst((row) => row.loopP99Ms),
      lost: sum((row) => row.lost),
      wrong: sum((row) => row.wrong),
    };
  } finally {
    for (const cell of cells) await cell.end("SIGKILL");
    await server.stop();
    await rm(dataDirectory, { recursive: true, force: true });
  }
}

/** Processor time of one of them while nobody wants anything. */
async function atRest(cells: readonly CoordinatorProcess[]): Promise<number> {
  const read = () => Promise.all(cells.map(({ url, adminToken }) => processFigures(url, adminToken)));
  const [before, startMs] = [await read(), performance.now()];
  await sleep(REST_MS);
  const [after, ms] = [await read(), performance.now() - startMs];
  const spentMs = after.reduce((sum, { cpuMs }, n) => sum + cpuMs - before[n]!.cpuMs, 0);
  return (1e3 * spentMs) / (cells.length * ms);
}

/** @returns to be awaited by so many: it resolves once all of them do, after `act` */
function whenAll(count: number, act: () => void): () => Promise<void> {
  const waiting: (() => void)[] = [];
  return () =>
    new Promise((resolve) => {
      if (waiting.push(resolve) < count) return;
      act();
      for (const goOn of waiting) goOn();
    });
}
