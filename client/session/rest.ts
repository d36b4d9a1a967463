/**
 * The duty cycle of one session. After so much work it rests so long that work / (work + rest) is the intensity, and what
 * is sent to it meanwhile waits here. A rest that lasts is said, so that the coordinator sends nothing into it.
 */
import { TAB_REST_MS_MAX, TAB_REST_UNANNOUNCED_MS_MAX } from "../../shared/protocol/limits.ts";

export interface Rest<Item extends { token: string }> {
  setIntensity(intensity: number): void;
  /** Work took so long: a rest is owed from now. One that still lasts is not cut short by it. */
  afterWork(ms: number): void;
  /** Passes it on at once while the session does not rest. */
  enter(item: Item): void;
  /** Takes one out that still waits here. */
  takeOut(token: string): Item | undefined;
  takeAll(): Item[];
  /** So long that the coordinator has to be told. */
  isLong(): boolean;
  /** 0: it does not rest. */
  leftMs(): number;
}

export interface RestOptions<Item> {
  readonly intensity: number;
  pass(item: Item): void;
  /** It is over, and what waited has gone on. */
  onOver(): void;
  nowMs(): number;
}

/**
 * @param intensity in (0, 1]
 * @returns at most TAB_REST_MS_MAX
 */
export function restMsAfter(workedMs: number, intensity: number): number {
  return Math.min(TAB_REST_MS_MAX, workedMs * (1 / intensity - 1));
}

export function createRest<Item extends { token: string }>(options: RestOptions<Item>): Rest<Item> {
  let intensity = options.intensity;
  let waiting: Item[] = [];
  let endsAtMs = 0;
  let isLong = false;
  let timer: ReturnType<typeof setTimeout> | null = null;

  const leftMs = () => (timer === null ? 0 : Math.max(0, endsAtMs - options.nowMs()));

  function takeAll(): Item[] {
    const all = waiting;
    waiting = [];
    return all;
  }

  function look(): void {
    const left = leftMs();
    if (left > 0) {
      timer = setTimeout(look, left);
      return;
    }
    timer = null;
    isLong = false;
    for (const item of takeAll()) options.pass(item);
    options.onOver();
  }

  return {
    setIntensity(next) {
      intensity = next;
    },
    afterWork(ms) {
      const restMs = restMsAfter(ms, intensity);
      if (restMs <= 0) return;
      endsAtMs = Math.max(endsAtMs, options.nowMs() + restMs);
      isLong ||= restMs > TAB_REST_UNANNOUNCED_MS_MAX;
      timer ??= setTimeout(look, restMs);
    },
    enter(item) {
      if (timer === null) options.pass(item);
      else waiting.push(item);
    },
    takeOut(token) {
      const item = waiting.find((one) => one.token === token);
      waiting = waiting.filter((one) => one !== item);
      return item;
    },
    takeAll,
    isLong: () => isLong,
    leftMs,
  };
}
