/**
 * How many bytes may be coming at once. Submitters share them (shared/control/shares.ts); and an upload that hardly moves ends as soon as
 * somebody else finds no room.
 */
import type { FastifyReply, FastifyRequest } from "fastify";
import { Shares } from "../../shared/control/shares.ts";
import {
  UPLOAD_BYTES_IN_FLIGHT_MAX,
  UPLOAD_LOOK_MS,
  UPLOAD_WAITED_BYTES_PER_S_MIN,
  UPLOAD_WAITED_WINDOW_MS,
} from "../../shared/protocol/limits.ts";
import { partyAsking } from "./access-hooks.ts";
import { ApiFailure } from "./api-failure.ts";
import { whenOver } from "./goes-on.ts";

export interface WaitedRate {
  readonly bytesPerSecondMin: number;
  readonly windowMs: number;
  readonly lookMs: number;
}
const RATE: WaitedRate = {
  bytesPerSecondMin: UPLOAD_WAITED_BYTES_PER_S_MIN,
  windowMs: UPLOAD_WAITED_WINDOW_MS,
  lookMs: UPLOAD_LOOK_MS,
};

interface Coming {
  readonly party: string;
  readonly request: FastifyRequest;
  readonly giveBack: () => void;
  /** What had come at the latest looks, the oldest first. */
  readonly seen: number[];
}

/**
 * @returns makes an onRequest hook for routes whose body has at most `bytesMax` bytes; it counts the announced length,
 *   or the most there may be, until the response has gone out or the connection is lost, and no work for it goes on (goes-on.ts)
 */
export function createUploadBudget(totalBytesMax = UPLOAD_BYTES_IN_FLIGHT_MAX, rate = RATE) {
  const shares = new Shares(totalBytesMax);
  const coming = new Set<Coming>();
  /** When somebody was last told that there is no room. */
  const turnedAway = new Map<string, number>();
  const looksKept = Math.ceil(rate.windowMs / rate.lookMs);
  let timer: NodeJS.Timeout | null = null;

  function look(): void {
    for (const one of coming) {
      one.seen.push(bytesOf(one));
      if (one.seen.length > looksKept) one.seen.shift();
    }
    const sinceMs = performance.now() - rate.windowMs;
    for (const [party, atMs] of turnedAway) if (atMs < sinceMs) turnedAway.delete(party);
    for (const party of turnedAway.keys()) cutSlow(party);
    if (coming.size > 0 || timer === null) return;
    clearInterval(timer);
    timer = null;
  }

  /** Those that hardly moved all the time, of others who have more than whoever waits: nobody ends another's by asking for ever more. */
  function cutSlow(waiting: string): void {
    const heldBy = (party: string) => shares.held.get(party) ?? 0;
    for (const one of coming) {
      const { party, request, seen } = one;
      if (heldBy(party) <= heldBy(waiting) || request.raw.complete || seen.length < looksKept) continue;
      if (bytesOf(one) - seen[0]! >= (rate.bytesPerSecondMin * rate.windowMs) / 1000) continue;
      end(one);
      request.raw.socket.destroy();
    }
  }

  function end(one: Coming): void {
    one.giveBack();
    coming.delete(one);
  }

  function takeFor(party: string, bytes: number): (() => void) | null {
    const taken = shares.take(party, bytes);
    if (taken !== null) return taken;
    turnedAway.set(party, performance.now());
    cutSlow(party);
    return shares.take(party, bytes);
  }

  return (bytesMax: number) => async (request: FastifyRequest, reply: FastifyReply) => {
    const bytes = announcedBytes(request) ?? bytesMax;
    if (bytes > bytesMax) throw tooLarge(bytesMax, bytes);
    const party = partyAsking(request);
    const giveBack = takeFor(party, bytes);
    if (giveBack === null) {
      reply.header("retry-after", "10");
      const message = `expected uploads of at most ${shares.room(party)} bytes more beside yours and others' that are coming, got ${bytes}; try again in a few seconds`;
      throw new ApiFailure(503, "busy", message);
    }
    turnedAway.delete(party);
    const one = { party, request, giveBack, seen: [] };
    coming.add(one);
    whenOver(request, reply, () => end(one));
    timer ??= setInterval(look, rate.lookMs).unref();
  };
}

function bytesOf({ request }: Coming): number {
  return request.raw.socket.bytesRead;
}

/** null: the request does not say how long its body is. */
export function announcedBytes({ headers }: FastifyRequest): number | null {
  const announced = Number(headers["content-length"]);
  return Number.isSafeInteger(announced) && announced >= 0 ? announced : null;
}

export function tooLarge(bytesMax: number, got: number): ApiFailure {
  return new ApiFailure(413, "too-large", `body: expected at most ${bytesMax} bytes, got ${got}`);
}
