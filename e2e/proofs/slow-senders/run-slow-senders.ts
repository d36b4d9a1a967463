/** Holds many slow sockets against the real coordinator, and meanwhile connects as honest people do. */

import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { io } from "socket.io-client";
import { quantile } from "../../../shared/numbers/quantile.ts";
import type { Refused } from "../../../shared/protocol/messages.ts";
import { startProcess } from "../../coordinators/coordinator-process.ts";
import { SLOW_KINDS, type SlowKind, type SlowSocket } from "./slow-kinds.ts";

const DRIP_MS = 2_000;
/**
 * Sockets that are opened in one go. Few enough that the kernel's queue of connections to accept does not overflow: what is
 * dropped there the server never hears of, and a socket that says nothing never finds out.
 */
const AT_ONCE = 50;
const OPENING_PAUSE_MS = 100;
const HONEST_EVERY_MS = 100;
const LOOK_MS = 100;

export interface SlowSendersReport {
  readonly sockets: number;
  readonly kinds: readonly {
    kind: string;
    opened: number;
    cut: number;
    cutMsP50: number | null;
    cutMsMax: number | null;
  }[];
  /** New connections of somebody honest while the others were held: GET /healthz, and a tab's socket up to its challenge. */
  readonly honest: {
    attempts: number;
    failed: number;
    /** Why, each reason once. */
    reasons: readonly string[];
    httpMsP50: number;
    httpMsMax: number;
    socketMsP50: number;
    socketMsMax: number;
  };
}

/** @param msMax how long it waits for the last of them to be cut off */
export async function runSlowSenders(options: { sockets: number; msMax: number }): Promise<SlowSendersReport> {
  const dataDirectory = await mkdtemp(join(tmpdir(), "paritab-slow-"));
  const coordinator = await startProcess({ dataDirectory, environment: { PARITAB_LOG_LEVEL: "fatal" } });
  const url = new URL(coordinator.url);
  const held: SlowSocket[] = [];
  const drip = setInterval(() => {
    for (const { kind, socket, cutMs } of held) if (kind.drip !== null && cutMs === null) socket.write(kind.drip);
  }, DRIP_MS);
  try {
    await honestTimes(url); // The first of all makes it load what it has not loaded yet.
    for (let n = 0; n < options.sockets; n++) {
      held.push(open(url, SLOW_KINDS[n % SLOW_KINDS.length]!));
      if (n % AT_ONCE === AT_ONCE - 1) await sleep(OPENING_PAUSE_MS);
    }
    const times: HonestTimes[] = [];
    const failures: string[] = [];
    const untilMs = performance.now() + options.msMax;
    while (held.some(({ cutMs }) => cutMs === null) && performance.now() < untilMs) {
      await honestTimes(url).then(
        (time) => times.push(time),
        (error: unknown) => failures.push(error instanceof Error ? error.message : String(error)),
      );
      await sleep(HONEST_EVERY_MS);
    }
    await sleep(LOOK_MS);
    return reportOf(held, times, failures);
  } finally {
    clearInterval(drip);
    for (const { socket } of held) socket.destroy();
    await coordinator.end("SIGKILL");
    await rm(dataDirectory, { recursive: true, force: true });
  }
}

function open(url: URL, kind: SlowKind): SlowSocket {
  const socket = connect(Number(url.port), url.hostname);
  const slow: SlowSocket = { kind, socket, openedMs: performance.now(), cutMs: null };
  socket.on("error", () => {});
  // Whatever it is told it throws away, and keeps its own side open for as long as it can.
  socket.on("data", () => {});
  socket.on("close", () => (slow.cutMs = performance.now() - slow.openedMs));
  socket.write(kind.opening(url.host));
  return slow;
}

interface HonestTimes {
  readonly httpMs: number;
  readonly socketMs: number;
}

/** @throws Error where it is not served */
async function honestTimes(url: URL): Promise<HonestTimes> {
  const startMs = performance.now();
  // A connection of its own: one that is kept open would prove nothing.
  const response = await fetch(new URL("/healthz", url), {
    headers: { connection: "close" },
    signal: AbortSignal.timeout(30_000),
  });
  if (!response.ok) throw new Error(`GET /healthz: got ${response.status}`);
  await response.arrayBuffer();
  const httpMs = performance.now() - startMs;
  const socketMs = await challengeMs(url);
  return { httpMs, socketMs };
}

function challengeMs(url: URL): Promise<number> {
  const startMs = performance.now();
  const socket = io(url.origin, {
    transports: ["websocket"],
    reconnection: false,
    forceNew: true,
    extraHeaders: { origin: url.origin },
  });
  return new Promise((resolve, reject) => {
    socket.once("challenge", () => {
      resolve(performance.now() - startMs);
      socket.disconnect();
    });
    socket.once("refused", ({ code, message }: Refused) => reject(new Error(`socket: refused as ${code}: ${message}`)));
    socket.once("connect_error", reject);
    socket.once("disconnect", () => reject(new Error("socket: expected a challenge, got the end")));
  });
}

function reportOf(
  held: readonly SlowSocket[],
  times: readonly HonestTimes[],
  failures: readonly string[],
): SlowSendersReport {
  const httpMs = times.map((time) => time.httpMs);
  const socketMs = times.map((time) => time.socketMs);
  return {
    sockets: held.length,
    kinds: SLOW_KINDS.map(({ name }) => {
      const ofKind = held.filter(({ kind }) => kind.name === name);
      const cutMs = ofKind.flatMap((slow) => slow.cutMs ?? []);
      return {
        kind: name,
        opened: ofKind.length,
        cut: cutMs.length,
        cutMsP50: rounded(quantile(cutMs, 0.5)),
        cutMsMax: rounded(quantile(cutMs, 1)),
      };
    }),
    honest: {
      attempts: times.length + failures.length,
      failed: failures.length,
      reasons: [...new Set(failures)],
      httpMsP50: rounded(quantile(httpMs, 0.5)) ?? 0,
      httpMsMax: rounded(quantile(httpMs, 1)) ?? 0,
      socketMsP50: rounded(quantile(socketMs, 0.5)) ?? 0,
      socketMsMax: rounded(quantile(socketMs, 1)) ?? 0,
    },
  };
}

const rounded = (ms: number | null): number | null => (ms === null ? null : Math.round(ms));
