/** Hostile bytes against the real coordinator, its process and its sockets: it lives on, in bounded memory, and serves. */
import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RandomSource } from "../../../shared/random/random.ts";
import { simulationRandom } from "../../../shared/random/simulation-random.ts";
import { startProcess } from "../../coordinators/coordinator-process.ts";
import { hostileFrames, hostileRequest } from "./hostile-frames.ts";
import type { FuzzRow } from "./run-fuzz.ts";

export interface LiveRow extends FuzzRow {
  /** Resident memory of the process: before, and the most there was after. */
  readonly rssBeforeBytes: number;
  readonly rssMaxBytes: number;
}

/** Above what it had when it had served its first requests. */
const RSS_GROWTH_BYTES_MAX = 128 * 1024 * 1024;
const AT_ONCE = 24;
/** A server that waits for more does not hold the fuzzer up. */
const ANSWER_MS_MAX = 400;
const LOOK_EVERY = 40;

export async function liveFuzz(options: { seed: number; msMax: number; roundsMin: number }): Promise<LiveRow[]> {
  const random = simulationRandom(options.seed);
  const dataDirectory = await mkdtemp(join(tmpdir(), "paritab-live-fuzz-"));
  const preload = join(import.meta.dirname, "watch-prototypes.mjs");
  const coordinator = await startProcess({
    dataDirectory,
    environment: { PARITAB_LOG_LEVEL: "fatal", NODE_OPTIONS: `--import=${preload}` },
    flags: ["--allow-faults"],
  });
  try {
    const world: World = { url: new URL(coordinator.url), pid: coordinator.pid, random, output: coordinator.output };
    const http = await attack(world, "live: HTTP", { ...options, msMax: options.msMax / 2 }, ({ url }) =>
      oneConnection(url, [hostileRequest(random, url.host)]),
    );
    const sockets = await attack(world, "live: sockets", { ...options, msMax: options.msMax / 2 }, ({ url }) =>
      oneConnection(url, [upgrade(url), hostileFrames(random)]),
    );
    return [http, sockets];
  } finally {
    await coordinator.end("SIGKILL");
    await rm(dataDirectory, { recursive: true, force: true });
  }
}

interface World {
  readonly url: URL;
  readonly pid: number;
  readonly random: RandomSource;
  readonly output: () => string;
}

async function attack(
  world: World,
  target: string,
  { msMax, roundsMin }: { msMax: number; roundsMin: number },
  once: (world: World) => Promise<void>,
): Promise<LiveRow> {
  const untilMs = performance.now() + msMax;
  const crashes: string[] = [];
  // Its first requests make it load what it has not loaded yet.
  for (let n = 0; n < LOOK_EVERY; n++) await isWell(world.url);
  const rssBeforeBytes = await rssOf(world.pid);
  let rssMaxBytes = rssBeforeBytes;
  let inputs = 0;
  for (let round = 0; crashes.length === 0 && (round < roundsMin || performance.now() < untilMs); round++) {
    await Promise.all(Array.from({ length: AT_ONCE }, () => once(world)));
    inputs += AT_ONCE;
    if (round % LOOK_EVERY > 0 && round >= roundsMin) continue;
    const rss = await rssOf(world.pid).catch(() => null);
    if (rss === null || !(await isWell(world.url))) {
      crashes.push(`the coordinator is gone, or does not answer:\n${world.output().slice(-2_000)}`);
    } else rssMaxBytes = Math.max(rssMaxBytes, rss);
  }
  if (rssMaxBytes - rssBeforeBytes > RSS_GROWTH_BYTES_MAX) {
    crashes.push(`its memory grew from ${rssBeforeBytes} to ${rssMaxBytes} bytes`);
  }
  return { target, inputs, crashes, rssBeforeBytes, rssMaxBytes };
}

function upgrade({ host, origin }: URL): Buffer {
  const key = randomBytes(16).toString("base64");
  return Buffer.from(
    `GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nhost: ${host}\r\norigin: ${origin}\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: ${key}\r\n\r\n`,
  );
}

/** Sends one piece after the other, and resolves when the other side has closed, or has had its time. */
function oneConnection(url: URL, pieces: readonly Buffer[]): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(Number(url.port), url.hostname);
    const timer = setTimeout(() => socket.destroy(), ANSWER_MS_MAX);
    let next = 0;
    const send = () => {
      if (next < pieces.length && socket.writable) socket.write(pieces[next++]!);
    };
    socket.on("connect", send);
    // The answer to the upgrade: what follows are frames.
    socket.on("data", send);
    socket.on("error", () => {});
    socket.on("close", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

async function isWell(url: URL): Promise<boolean> {
  return fetch(new URL("/healthz", url)).then(
    ({ ok }) => ok,
    () => false,
  );
}

/** Linux tells it; elsewhere memory is not looked at. */
async function rssOf(pid: number): Promise<number> {
  process.kill(pid, 0);
  if (process.platform !== "linux") return 0;
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)![1]) * 1024;
}
