/**
 * Keeps the screen on where a page wants that: a phone that goes dark suspends its tabs, and a projector shows nothing. Browsers give the
 * lock to pages in sight alone and take it back on a low battery; it is asked for again when the page is shown.
 */
import { type ReadonlySignal, signal } from "@preact/signals";

/** The parts of a browser's wake lock that are used. */
export interface WakeLockLike {
  request(
    type: "screen",
  ): Promise<{ release(): Promise<void>; addEventListener(type: "release", f: () => void): void }>;
}

/** unknown: this browser has no such lock. refused: it has, and would not give it just now. */
export type ScreenWakeState = "unknown" | "off" | "on" | "refused";

export interface ScreenWake {
  readonly state: ReadonlySignal<ScreenWakeState>;
  /** From now on it is wanted, or not any more. */
  want(isWanted: boolean): void;
}

/** @param browser `navigator`: browsers have the lock only on pages of a secure connection */
export function createScreenWake(
  { wakeLock }: { readonly wakeLock?: WakeLockLike | undefined },
  visibility: Pick<Document, "visibilityState" | "addEventListener">,
): ScreenWake {
  const state = signal<ScreenWakeState>(wakeLock === undefined ? "unknown" : "off");
  let isWanted = false;
  /** Being asked for, or held. */
  let release: (() => void) | null = null;

  async function take(): Promise<void> {
    if (wakeLock === undefined || release !== null || !isWanted || visibility.visibilityState !== "visible") return;
    let given: Awaited<ReturnType<WakeLockLike["request"]>> | null = null;
    const letGo = () => {
      if (release !== letGo) return;
      release = null;
      state.value = "off";
      void given?.release().catch(() => {});
    };
    release = letGo;
    try {
      const lock = await wakeLock.request("screen");
      // Not wanted any more by the time that it came.
      if (release !== letGo) return void lock.release().catch(() => {});
      given = lock;
      lock.addEventListener("release", letGo);
      state.value = "on";
    } catch {
      if (release !== letGo) return;
      release = null;
      state.value = "refused";
    }
  }

  visibility.addEventListener("visibilitychange", () => void take());
  return {
    state,
    want(next) {
      if (next === isWanted) return;
      isWanted = next;
      if (next) void take();
      else if (release !== null) release();
      else if (wakeLock !== undefined) state.value = "off";
    },
  };
}
