/** The same jobs on several coordinators of one PostgreSQL server at once, each with its part of the tabs. */
import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PostgresServer } from "../../../server/store/testing/postgres-server.ts";
import { type CoordinatorProcess, startProcess } from "../../coordinators/coordinator-process.ts";
import { type ConnectedOptions, connected } from "./connected.ts";

/** Throughput is that of all; times and loops are the worst of any; processor time is of all, a batch. */
export async function onCells(count: number, { sessions, ...options }: ConnectedOptions) {
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
    const each = Math.floor(sessions / count);
    const rows = await Promise.all(cells.map((cell) => connected(cell, { ...options, sessions: each })));
    const sum = (of: (row: (typeof rows)[number]) => number) => rows.reduce((total, row) => total + of(row), 0);
    const worst = (of: (row: (typeof rows)[number]) => number | null) => Math.max(...rows.map((row) => of(row) ?? 0));
    const batchesPerSecond = sum((row) => row.batchesPerSecond);
    return {
      batchesPerSecond,
      cpuMsPerBatch: sum((row) => row.cpuMsPerBatch * row.batchesPerSecond) / batchesPerSecond,
      cpuMsPerAnswer: sum((row) => row.cpuMsPerAnswer) / count,
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
