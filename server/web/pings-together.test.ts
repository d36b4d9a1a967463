import { EventEmitter } from "node:events";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { PingsTogether } from "./pings-together.ts";

const TICK_MS = 100;
const OF_TICK_MAX = 3;

/** As Engine.IO's: it says when it was pinged, and what it does when its pong comes. */
class FakeConnection extends EventEmitter {
  pingIntervalTimer: Pick<NodeJS.Timeout, "refresh"> = setTimeout(() => this.sendPacket("ping of its own"), 1_000);
  hasRefreshedPingTimeout = true;
  readonly pingedMs: number[] = [];
  readonly packets: string[] = [];
  readonly frames: string[] = [];
  timeouts = 0;
  readyState = "open";
  readonly writeBuffer: unknown[] = [];
  readonly transport = {
    writable: true,
    send: ([packet]: readonly [{ type: string; options: { wsPreEncodedFrame: readonly Buffer[] } }]) => {
      this.frames.push(Buffer.concat(packet.options.wsPreEncodedFrame).toString("hex"));
      this.#pinged(packet.type);
    },
  };

  sendPacket(type: string): void {
    this.#pinged(type);
  }

  #pinged(type: string): void {
    this.packets.push(type);
    this.pingedMs.push(performance.now());
  }

  resetPingTimeout(): void {
    this.timeouts++;
  }

  pong(): void {
    this.pingIntervalTimer.refresh();
  }
}

describe("[PR35] pings together", () => {
  let pings: PingsTogether;
  const join = (everyMs: number) => {
    const connection = new FakeConnection();
    pings.join(connection as never, everyMs);
    return connection;
  };

  beforeEach(() => {
    vi.useFakeTimers();
    pings = new PingsTogether(TICK_MS, OF_TICK_MAX);
  });
  afterEach(() => {
    pings.close();
    vi.useRealTimers();
  });

  it("leave in one tick for tabs that came at different times, each once until its pong has come", () => {
    const first = join(1_000);
    vi.advanceTimersByTime(40);
    const second = join(1_000);
    vi.advanceTimersByTime(2_000);
    expect(first.pingedMs).toHaveLength(1);
    expect(second.pingedMs).toEqual(first.pingedMs);
    expect(first.packets).toEqual(["ping"]);
    expect([first.timeouts, first.hasRefreshedPingTimeout]).toEqual([1, false]);
    first.pong();
    vi.advanceTimersByTime(2_000);
    expect([first.pingedMs.length, second.pingedMs.length]).toEqual([2, 1]);
  });

  it("are frames that are ready, unless something waits to be sent or the tab is leaving", () => {
    const [ready, waits, busy, leaving] = [join(1_000), join(1_000), join(500), join(500)];
    waits.writeBuffer.push({ type: "message" });
    busy.transport.writable = false;
    leaving.readyState = "closing";
    vi.advanceTimersByTime(1_000);
    const all = [ready, waits, busy, leaving];
    expect(all.map(({ packets }) => packets)).toEqual([["ping"], ["ping"], ["ping"], ["ping"]]);
    // RFC 6455, section 5.2: final and text, one byte that is not masked; and "2", a ping of Engine.IO.
    expect(all.map(({ frames }) => frames)).toEqual([["810132"], [], [], []]);
  });

  it("go to nobody who has gone", () => {
    const gone = join(1_000);
    gone.emit("close");
    const answers = join(1_000);
    vi.advanceTimersByTime(1_000);
    answers.pong();
    answers.emit("close");
    vi.advanceTimersByTime(5_000);
    expect([gone.pingedMs.length, answers.pingedMs.length]).toEqual([0, 1]);
  });

  it("come in time whoever comes when, no more in a tick than there is room for", () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ afterMs: fc.nat(250), everyMs: fc.constantFrom(500, 900) }), { maxLength: 12 }),
        (tabs) => {
          const joined = tabs.map(({ afterMs, everyMs }) => {
            vi.advanceTimersByTime(afterMs);
            return { connection: join(everyMs), everyMs, atMs: performance.now() };
          });
          vi.advanceTimersByTime(1_000);
          const inTick = new Map<number, number>();
          for (const { connection, everyMs, atMs } of joined) {
            expect(connection.pingedMs).toHaveLength(1);
            const pingedMs = connection.pingedMs[0]!;
            expect(pingedMs - atMs).toBeLessThanOrEqual(everyMs);
            expect(pingedMs).toBeGreaterThan(atMs);
            inTick.set(pingedMs, (inTick.get(pingedMs) ?? 0) + 1);
          }
          for (const pinged of inTick.values()) expect(pinged).toBeLessThanOrEqual(OF_TICK_MAX);
        },
      ),
    );
  });

  it("leave in the last tick in time where no tick before it has room", () => {
    const joined = Array.from({ length: 40 }, () => join(1_000));
    vi.advanceTimersByTime(1_000);
    expect(joined.every(({ pingedMs }) => pingedMs.length === 1)).toBe(true);
  });
});
