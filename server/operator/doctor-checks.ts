/** What the doctor looks at: each check answers for itself, and none changes anything that was there. */

import { existsSync, readFileSync, statSync } from "node:fs";
import { access, constants, mkdtemp, open, rm, stat, statfs } from "node:fs/promises";
import { createServer } from "node:net";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import SqliteDatabase from "better-sqlite3";
import { medianOfSome } from "../../shared/numbers/quantile.ts";
import { CONNECTIONS_MAX, DISK_FREE_BYTES_MIN } from "../../shared/protocol/limits.ts";
import { type Config, configWarnings, SETTINGS } from "../config.ts";
import { databasePlace } from "../store/postgres-problem.ts";
import { MACHINE_BYTES } from "../trusted/machine-memory.ts";
import { modelsTakenInWords } from "../trusted/models-taken.ts";
import { nativeOnnxInWords } from "../trusted/native-onnx-words.ts";
import { AUDIT_LOG_NAME } from "./audit-log.ts";
import { type Finding, failed, ok, warn } from "./doctor-report.ts";

const NODE_MINIMUM = [20, 19] as const;
const GIB = 1024 ** 3;
const MEMORY_BYTES_MIN = GIB;
const DISK_FREE_BYTES_GOOD = 4 * GIB;
const SYNC_MS_MAX = 100;
const SYNCS = 5;
/** This file is younger than any clock that is right. */
const EARLIEST_MS = Date.UTC(2026, 0, 1);
const ASK_MS_MAX = 5_000;
/** Beside connections: the database, blobs that are read, threads. */
const FILES_BESIDE_CONNECTIONS = 500;

export async function checkMachine(): Promise<Finding[]> {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const isNewEnough = major > NODE_MINIMUM[0] || (major === NODE_MINIMUM[0] && minor >= NODE_MINIMUM[1]);
  const node = `Node ${process.versions.node}`;
  const cores = availableParallelism();
  return [
    isNewEnough ? ok("node", node) : failed("node", `expected ${NODE_MINIMUM.join(".")} or newer, got ${node}`),
    cores >= 2
      ? ok("cores", `${cores}`)
      : warn("cores", "1: the event loop and numerics share it; two or more keep pages quick"),
    MACHINE_BYTES >= MEMORY_BYTES_MIN
      ? ok("memory", modelsTakenInWords())
      : warn("memory", `expected ${MEMORY_BYTES_MIN / GIB} GiB or more, got ${(MACHINE_BYTES / GIB).toFixed(1)} GiB`),
    ok("onnx rows", await nativeOnnxInWords()),
  ];
}

/** Every connection is an open file. Node has raised the soft limit to the hard one already. Says nothing where it cannot be read. */
export function checkOpenFiles(limits: string | null = limitsOfThisProcess()): Finding[] {
  const most = /^Max open files\s+(\d+|unlimited)/m.exec(limits ?? "")?.[1];
  if (most === undefined) return [];
  const needed = CONNECTIONS_MAX + FILES_BESIDE_CONNECTIONS;
  return [
    most === "unlimited" || Number(most) >= needed
      ? ok("open files", most)
      : warn(
          "open files",
          `${most}: ${needed} hold every connection that is accepted; raise it (ulimit -n, LimitNOFILE=)`,
        ),
  ];
}

function limitsOfThisProcess(): string | null {
  return existsSync("/proc/self/limits") ? readFileSync("/proc/self/limits", "utf8") : null;
}

/** What is set, what is not and holds all the same, and what is hardly meant. */
export function checkSettings(config: Config, environment: Readonly<Record<string, string | undefined>>): Finding[] {
  const names = Object.keys(SETTINGS) as (keyof typeof SETTINGS)[];
  const isSet = (name: string) => (environment[name]?.trim() ?? "") !== "";
  const said = (name: keyof typeof SETTINGS) =>
    name === "PARITAB_DATABASE_URL" && config.databaseUrl !== null
      ? databasePlace(config.databaseUrl)
      : environment[name];
  const set = names.filter(isSet).map((name) => `${name}=${said(name)}`);
  const unset = names.filter((name) => !isSet(name)).map((name) => `${name}=${SETTINGS[name] || "(nothing)"}`);
  const tokens = config.tokensNeeded
    ? "clients must show a token to submit or read"
    : "no tokens: anybody who reaches the port may do everything";
  const { numericsThreads, trustedProcesses } = config;
  return [
    ok(
      "computes with",
      `${numericsThreads} numerics threads, ${trustedProcesses} processes that run models, 2 for trials`,
    ),
    ok("set", set.join(" ") || "nothing"),
    ok("by default", unset.join(" ") || "nothing"),
    ok("access", tokens),
    ...configWarnings(config).map((warning) => warn("setting", warning)),
  ];
}

export function checkPages(): Finding {
  const path = fileURLToPath(new URL("../../build/client/build.json", import.meta.url));
  if (!existsSync(path)) return warn("pages", "not built yet: `npm start` builds them first, which takes a moment");
  const { buildHash } = JSON.parse(readFileSync(path, "utf8")) as { buildHash: string };
  return ok("pages", `built, ${buildHash}`);
}

/** Can it be written and synced, how fast, and how much room is there? In a folder of its own that goes again. */
export async function checkDisk(dataDirectory: string): Promise<Finding[]> {
  const directory = nearestThatExists(dataDirectory);
  try {
    await access(directory, constants.W_OK | constants.X_OK);
    const { bavail, bsize } = await statfs(directory);
    return [roomFinding(bavail * bsize), await syncFinding(directory)];
  } catch (error) {
    return [failed("disk", `expected a directory that can be written, got ${messageOf(error)}; set PARITAB_DATA_DIR`)];
  }
}

function roomFinding(freeBytes: number): Finding {
  const free = `${(freeBytes / GIB).toFixed(1)} GiB free`;
  if (freeBytes < DISK_FREE_BYTES_MIN) return failed("disk room", `${free}: nothing new would be accepted`);
  return freeBytes < DISK_FREE_BYTES_GOOD
    ? warn("disk room", `${free}: a few large jobs fill it`)
    : ok("disk room", free);
}

async function syncFinding(directory: string): Promise<Finding> {
  const folder = await mkdtemp(join(directory, ".paritab-doctor-"));
  try {
    const file = await open(join(folder, "probe"), "w");
    const times: number[] = [];
    for (let n = 0; n < SYNCS; n++) {
      const startMs = performance.now();
      await file.write(Buffer.alloc(4096));
      await file.sync();
      times.push(performance.now() - startMs);
    }
    await file.close();
    const medianMs = medianOfSome(times);
    const says = `a synced write of 4 KiB takes ${medianMs.toFixed(1)} ms`;
    return medianMs <= SYNC_MS_MAX
      ? ok("disk sync", says)
      : warn("disk sync", `${says}: every acknowledgement waits for one`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function nearestThatExists(path: string): string {
  while (!existsSync(path) && dirname(path) !== path) path = dirname(path);
  return path;
}

/** May others on this machine look into it? Says nothing where the system has no such rights, or where there is nothing yet. */
export async function checkPrivacy(dataDirectory: string): Promise<Finding[]> {
  if (process.platform === "win32" || !existsSync(dataDirectory)) return [];
  const { mode } = await stat(dataDirectory);
  return [
    (mode & 0o077) === 0
      ? ok("privacy", `nobody else on this machine can read ${dataDirectory}`)
      : warn("privacy", `others on this machine can read ${dataDirectory}, with everybody's data: chmod 700 ends that`),
  ];
}

/** Is the clock after everything that this machine has seen? */
export async function checkClock(dataDirectory: string): Promise<Finding> {
  const nowMs = Date.now();
  const now = new Date(nowMs).toISOString();
  if (nowMs < EARLIEST_MS)
    return failed("clock", `expected a time after ${new Date(EARLIEST_MS).toISOString()}, got ${now}`);
  for (const name of ["paritab.sqlite", "paritab.sqlite-wal", AUDIT_LOG_NAME]) {
    const path = join(dataDirectory, name);
    if (existsSync(path) && (await stat(path)).mtimeMs > nowMs + 60_000) {
      const later = new Date(statSync(path).mtimeMs).toISOString();
      return warn("clock", `${now}, but ${name} was written at ${later}: the clock ran fast, or runs slow now`);
    }
  }
  return ok("clock", now);
}

/** The database as it is, read without changing it. */
export function checkStore(dataDirectory: string, tokensNeeded: boolean): Finding[] {
  const path = join(dataDirectory, "paritab.sqlite");
  if (!existsSync(path)) return [ok("store", `none yet: ${path} is made at the first start`)];
  try {
    const database = new SqliteDatabase(path, { readonly: true, timeout: 500 });
    try {
      return readStore(database, tokensNeeded);
    } finally {
      database.close();
    }
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "SQLITE_BUSY") {
      return [ok("store", "in use by a coordinator that runs")];
    }
    return [failed("store", `${path}: ${messageOf(error)}; keep a copy of the directory before anything else`)];
  }
}

function readStore(database: SqliteDatabase.Database, tokensNeeded: boolean): Finding[] {
  const problem = database.pragma("quick_check", { simple: true });
  if (problem !== "ok") {
    return [failed("store", `damaged: ${problem}; stop here, copy the directory, and restore a backup`)];
  }
  const count = (table: string, where = "1") =>
    (database.prepare(`SELECT count(*) AS n FROM ${table} WHERE ${where}`).get() as { n: number }).n;
  // The next start upgrades a database of an earlier version, in which some kinds of job had a table of their own.
  const hasOldTable = database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'gradient_jobs'").get() !== undefined;
  const jobs = count("jobs") + (hasOldTable ? count("gradient_jobs") : 0);
  const findings = [ok("store", `whole: ${jobs} jobs, ${count("volunteers")} volunteers`)];
  if (tokensNeeded) {
    const admins = count("access_tokens", `scopes LIKE '%admin%' AND revoked_ms IS NULL`);
    findings.push(
      admins > 0
        ? ok("tokens", `${count("access_tokens", "revoked_ms IS NULL")}, of which ${admins} may administer`)
        : ok("tokens", "none may administer: the next start makes one and shows it once"),
    );
  }
  return findings;
}

/** Free, ours, or somebody else's? */
export async function checkPort({ host, port }: Config): Promise<Finding> {
  const at = `${host}:${port}`;
  const refusal = await new Promise<NodeJS.ErrnoException | null>((resolve) => {
    const server = createServer();
    server.once("error", resolve);
    server.listen(port, host, () => server.close(() => resolve(null)));
  });
  if (refusal === null) return ok("port", `${at} is free`);
  if (refusal.code === "EADDRINUSE") {
    const name = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host;
    return (await isParitab(`http://${name.includes(":") ? `[${name}]` : name}:${port}`))
      ? ok("port", `${at}: a coordinator listens there`)
      : failed("port", `${at} is taken by another program: stop it, or set PARITAB_PORT`);
  }
  if (refusal.code === "EACCES") return failed("port", `${at} needs more rights: set PARITAB_PORT to one above 1023`);
  return failed("port", `${at}: ${refusal.message}`);
}

/** Do people reach the coordinator where they are told to? Says nothing where it does not run. */
export async function checkPublicUrl({ publicUrl }: Config, isRunning: boolean): Promise<Finding[]> {
  if (publicUrl === null) return [];
  if (!isRunning) return [ok("public URL", `${publicUrl.origin}, not asked: the coordinator does not run`)];
  return [
    (await isParitab(publicUrl.origin))
      ? ok("public URL", `${publicUrl.origin} leads to a coordinator`)
      : warn(
          "public URL",
          `${publicUrl.origin} does not lead to a coordinator from here: look at the proxy and at DNS`,
        ),
  ];
}

async function isParitab(origin: string): Promise<boolean> {
  try {
    const response = await fetch(new URL("/healthz", origin), { signal: AbortSignal.timeout(ASK_MS_MAX) });
    return ((await response.json()) as { ok?: unknown }).ok === true;
  } catch {
    return false;
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
