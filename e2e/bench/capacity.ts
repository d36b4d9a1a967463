/**
 * What one coordinator gives with how many tabs connected:
 *
 *     npm run bench -- capacity [--scenarios connected,mute,idle,storm,large,cells,parts] [--sessions 16,1000,5000] [--jobs N] [--plain] [--queries N] [--cells 1,2,4] [--json FILE]
 *
 * A real process with its real store; volunteers that speak the protocol from other threads of this process and look answers up, so that
 * they hardly compete for processors (--plain: their jobs have no spare batches); beside it, in the same run, what a bare Socket.IO server spends on acknowledging one such answer.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SESSIONS_MAX } from "../../shared/protocol/limits.ts";
import { type CoordinatorProcess, startProcess } from "../coordinators/coordinator-process.ts";
import { onCells } from "./capacity/cells.ts";
import { CONNECTED_QUERIES, connected } from "./capacity/connected.ts";
import { echoCostMs } from "./capacity/echo-cost.ts";
import { idle, storm } from "./capacity/idle-and-storm.ts";
import { knownLabels } from "./capacity/known-labels.ts";
import { largeJob } from "./capacity/large-job.ts";
import { countFlag, countsFlag } from "./flags.ts";
import type { Column, Measurement, MeasureOptions, Measurer } from "./measurement.ts";

/** Up to as many as a coordinator takes: more are turned away. */
const SESSIONS = [16, 1_000, 5_000, SESSIONS_MAX];
const SCENARIOS = ["connected", "mute", "idle", "storm", "large"] as const;
/** Asked for by name: they need PostgreSQL. */
const CELLS = [1, 2, 4];
const ON_CELLS = ["cells", "parts"] as const;
const CELLS_SESSIONS = 1_000;
const JOBS = 3;
const MUTE_SHARE = 0.25;
const LARGE_QUERIES = 1_000_000;
const LARGE_SESSIONS = 64;

type Row = Measurement["rows"][number];

export async function run({ progress, flags = {} }: MeasureOptions): Promise<Measurement> {
  const sizes = countsFlag(flags, "sessions") ?? SESSIONS;
  const scenarios: readonly string[] = flags.scenarios?.split(",") ?? SCENARIOS;
  const jobs = countFlag(flags, "jobs") ?? JOBS;
  const queries = countFlag(flags, "queries") ?? LARGE_QUERIES;
  const counts = countsFlag(flags, "cells") ?? CELLS;
  const isPlain = flags.plain !== undefined;
  const labels = await knownLabels();
  const [largest] = [...sizes].sort((a, b) => b - a);
  const rows: Row[] = [];
  const large: Row[] = [];
  const echoMs: number[] = [];
  const note = (row: Row) => {
    progress(JSON.stringify(row));
    rows.push(row);
  };
  for (const [scenario, muteShare, ofSizes] of [
    ["connected", 0, sizes],
    ["mute", MUTE_SHARE, sizes.slice(0, 2)],
  ] as const) {
    if (!scenarios.includes(scenario)) continue;
    for (const sessions of ofSizes) {
      const echo = await echoCostMs();
      echoMs.push(echo);
      progress(`${scenario}, ${sessions} sessions; an echo costs ${echo.toFixed(3)} ms`);
      const row = await onCoordinator((process) =>
        connected(process, { sessions, muteShare, jobs, isPlain, labels, progress }),
      );
      note({ scenario, sessions, ...row, ratioToEcho: row.cpuMsPerBatch / echo });
    }
  }
  if (scenarios.includes("idle")) {
    note({ scenario: "idle", sessions: largest!, ...(await onCoordinator((process) => idle(process, largest!))) });
  }
  if (scenarios.includes("storm")) {
    const row = await onCoordinator((process, directory) => storm(process, directory, largest!));
    note({ scenario: "storm", sessions: largest!, ...row });
  }
  if (scenarios.includes("large")) {
    const sessions = LARGE_SESSIONS;
    const found = await onCoordinator((coordinator) =>
      largeJob({ coordinator, queries, dtype: "U8", sessions, labels, progress }),
    );
    const { heldMb, ...row } = found;
    progress(JSON.stringify(found));
    large.push({ scenario: "large", queries, sessions, ...row, heldMb: heldMb.whileComputed });
  }
  for (const scenario of ON_CELLS) {
    if (!scenarios.includes(scenario)) continue;
    for (const cells of counts) {
      const [sessions] = flags.sessions === undefined ? [CELLS_SESSIONS] : sizes;
      const inParts = scenario === "parts";
      const row = await onCells(cells, { sessions: sessions!, inParts, muteShare: 0, jobs, labels, progress });
      note({ scenario, cells, sessions: sessions!, ...row });
    }
  }
  const echoes =
    echoMs.length === 0
      ? []
      : [`An echo cost ${echoMs.map((ms) => ms.toFixed(3)).join(", ")} ms, measured before each row.`];
  const tables =
    large.length === 0
      ? []
      : [{ name: "large", title: LARGE_TITLE, columns: LARGE_COLUMNS, rows: large, notes: LARGE_NOTES }];
  return { name: capacity.name, title: capacity.title, columns: COLUMNS, rows, notes: [...NOTES, ...echoes], tables };
}

async function onCoordinator<T>(
  work: (coordinator: CoordinatorProcess, dataDirectory: string) => Promise<T>,
): Promise<T> {
  const dataDirectory = await mkdtemp(join(tmpdir(), "paritab-capacity-"));
  // All volunteers come from this machine: where they count as one network, none checks another, and a row of each batch is recomputed.
  const environment = { PARITAB_LOG_LEVEL: "error", PARITAB_TRUST_LOOPBACK: "1" };
  const coordinator = await startProcess({ dataDirectory, environment });
  try {
    return await work(coordinator, dataDirectory);
  } finally {
    await coordinator.end("SIGKILL");
    await rm(dataDirectory, { recursive: true, force: true });
  }
}

const COLUMNS: readonly Column[] = [
  { key: "scenario", title: "scenario" },
  { key: "cells", title: "coordinators" },
  { key: "sessions", title: "sessions" },
  { key: "batchesPerSecond", title: "batches /s" },
  { key: "cpuMsPerBatch", title: "cpu ms a batch", digits: 2 },
  { key: "cpuMsPerAnswer", title: "ms an answer", digits: 3 },
  { key: "databaseMsPerAnswer", title: "database, ms an answer", digits: 3 },
  { key: "restMsPerSecond", title: "at rest, ms a second", digits: 1 },
  { key: "auditShare", title: "audited", digits: 3 },
  { key: "ratioToEcho", title: "echoes", digits: 1 },
  { key: "p50Ms", title: "ack p50, ms", digits: 1 },
  { key: "p95Ms", title: "ack p95, ms", digits: 1 },
  { key: "rssMb", title: "MiB of sessions" },
  { key: "coreShare", title: "of a core", digits: 3 },
  { key: "backSeconds", title: "all back, s", digits: 1 },
  { key: "cpuMsPerSession", title: "cpu ms a session", digits: 2 },
  { key: "tabsMsPerSession", title: "the tabs' own, ms a session", digits: 2 },
  { key: "loopP99Ms", title: "loop p99, ms", digits: 1 },
  { key: "lost", title: "lost" },
  { key: "wrong", title: "wrong" },
];

const NOTES = [
  `Jobs of ${CONNECTED_QUERIES} queries of mnist-mlp, systematic, K = 4, S = 1 with backups (--plain: S = 0), ten rows a batch, after one such job that is not counted.`,
  "cpu: of the coordinator's process with all its threads, and of the processes that run models for it. echoes: that, over what a bare Socket.IO",
  "server spends on acknowledging an answer of that size. ack: from sending a result to its acknowledgement. loop p99: delay of the event loop.",
  "audited: of the rows, how many the coordinator computed itself: the first rows of a job, rows of each newcomer and drawn ones; volunteers check each other.",
  `mute: ${MUTE_SHARE} of the sessions take batches and never answer. idle: two rounds of heartbeats, above what the coordinator takes without tabs, once V8 has cleared what their arrival left. storm: kill -9, a start, and all come again.`,
  "the tabs' own: what the simulated tabs took meanwhile, of the cores that they share with the coordinator; real ones bring their own.",
  "cells: so many coordinators on one PostgreSQL server, each with its part of the sessions and as many jobs. parts: each job is as many jobs as there",
  "are coordinators, each at one of them. database: processor time of the PostgreSQL server with all of its processes, which is not in that of the coordinators. at rest: what one of",
  "these coordinators spends before any tab comes; the longer its jobs take, the more of that is in the rest.",
];

const LARGE_TITLE = "One job of very many queries of 784 bytes";
const LARGE_COLUMNS: readonly Column[] = [
  { key: "queries", title: "queries" },
  { key: "uploadMs", title: "upload, ms" },
  { key: "firstBatchMs", title: "last byte to first batch, ms" },
  { key: "computeMs", title: "first batch to end, ms" },
  { key: "batches", title: "batches" },
  { key: "cpuMs", title: "cpu, ms" },
  { key: "heldMb", title: "held, MiB" },
  { key: "rssMb", title: "resident, MiB" },
  { key: "longestStallMs", title: "longest stall, ms" },
  { key: "loopP99Ms", title: "worst loop p99, ms" },
  { key: "lost", title: "lost" },
  { key: "wrong", title: "wrong" },
];
const LARGE_NOTES = [
  `systematic, K = 4, S = 1 with backups, ${LARGE_SESSIONS} volunteers that look answers up.`,
  "held: heap, buffers and shared memory; resident: the whole process; both the highest of four looks a second, above what it was before the upload.",
];

export const capacity: Measurer = {
  name: "capacity",
  title: "What one coordinator gives with how many tabs connected, beside a bare Socket.IO echo",
  flags: ["sessions", "jobs", "scenarios", "queries", "cells"],
  switches: ["plain"],
  run,
};
