/**
 * [PR35] Pings of many tabs leave together, tick by tick: a process that wakes up for each ping by itself, and again for its pong, spends four
 * fifths of what they cost on waking up. Engine.IO has a timer for each connection.
 */
import type { TabSocket } from "./tab-session.ts";

type Connection = TabSocket["conn"];

/** What Engine.IO's type of a connection hides: it calls refresh when a pong has come, and expects a ping once the interval is over. */
interface Pinged {
  pingIntervalTimer: Pick<NodeJS.Timeout, "refresh">;
  hasRefreshedPingTimeout: boolean;
  readonly readyState: string;
  /** What waits to be sent. */
  readonly writeBuffer: readonly unknown[];
  readonly transport: { readonly writable: boolean; send(packets: readonly unknown[]): void };
  sendPacket(type: "ping"): void;
  resetPingTimeout(): void;
}

/** A ping as it travels, the same for all tabs: a WebSocket's frame (final, of text) with the one character that Engine.IO has for it. */
const PING = { type: "ping", options: { wsPreEncodedFrame: [Buffer.from([0x81, 1, 0x32])] } };

export const PING_TICK_MS = 1_000;
/** More would hold up the event loop: a ping and its pong take about 30 us. Those beyond leave some ticks earlier. */
export const PINGS_OF_TICK_MAX = 250;

export class PingsTogether {
  readonly #tickMs: number;
  readonly #ofTickMax: number;
  /** Whom to ping, by the tick in which they are. Those that are waited for are in none. */
  readonly #due = new Map<number, Set<Pinged>>();
  readonly #timer: NodeJS.Timeout;
  /** The last whose pings have left. */
  #tick: number;

  /** @param tickMs shorter than the shortest interval of a connection */
  constructor(tickMs = PING_TICK_MS, ofTickMax = PINGS_OF_TICK_MAX) {
    this.#tickMs = tickMs;
    this.#ofTickMax = ofTickMax;
    this.#tick = this.#now();
    this.#timer = setInterval(() => this.#send(), tickMs).unref();
  }

  /** From here on this connection is pinged with the others. @param everyMs as its tab was told: at most so long after it came, and after each pong */
  join(connection: Connection, everyMs: number): void {
    const pinged = connection as unknown as Pinged;
    clearTimeout(pinged.pingIntervalTimer as NodeJS.Timeout);
    let tick = this.#plan(pinged, everyMs);
    pinged.pingIntervalTimer = {
      refresh: () => {
        tick = this.#plan(pinged, everyMs);
        return this.#timer;
      },
    };
    connection.once("close", () => this.#due.get(tick)?.delete(pinged));
  }

  close(): void {
    clearInterval(this.#timer);
    this.#due.clear();
  }

  #now(): number {
    return Math.floor(performance.now() / this.#tickMs);
  }

  /** @returns the last tick in time that has room, or the last in time if none has */
  #plan(pinged: Pinged, everyMs: number): number {
    const last = Math.max(this.#tick + 1, Math.floor((performance.now() + everyMs) / this.#tickMs));
    let tick = last;
    while (tick > this.#tick && (this.#due.get(tick)?.size ?? 0) >= this.#ofTickMax) tick--;
    if (tick === this.#tick) tick = last;
    const together = this.#due.get(tick);
    if (together === undefined) this.#due.set(tick, new Set([pinged]));
    else together.add(pinged);
    return tick;
  }

  #send(): void {
    const now = this.#now();
    // Each tick by itself: the loop may have been held up for some.
    while (this.#tick < now) {
      const together = this.#due.get(++this.#tick);
      this.#due.delete(this.#tick);
      for (const pinged of together ?? []) {
        pinged.hasRefreshedPingTimeout = false;
        ping(pinged);
        pinged.resetPingTimeout();
      }
    }
  }
}

/** Where nothing waits to be sent it leaves at once: it need not be made, put in line and written in two parts. Else it leaves behind that. */
function ping(pinged: Pinged): void {
  const { readyState, writeBuffer, transport } = pinged;
  if (readyState === "open" && transport.writable && writeBuffer.length === 0) transport.send([PING]);
  else pinged.sendPacket("ping");
}
