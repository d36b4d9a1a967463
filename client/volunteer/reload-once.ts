/**
 * A tab of another version reloads once by itself. If that brings the same version again (a cache in between, a half-done
 * update), it says so instead of reloading for ever. What it was doing is remembered over the reload: the volunteer
 * pressed Start in this very tab, and may have paused it.
 */
import type { Visit } from "./kept-visit.ts";

const RELOADED = "paritab-reloaded-for";
const GO_ON = "paritab-go-on";

/** The part of sessionStorage that is used. */
export type TabMemory = Pick<Storage, "getItem" | "setItem" | "removeItem">;

/** @returns whether to reload now; if so, the tab goes on as told afterwards */
export function shouldReload(memory: TabMemory, servedBuildHash: string, goOn: Visit): boolean {
  if (memory.getItem(RELOADED) !== null) return false;
  memory.setItem(RELOADED, servedBuildHash);
  memory.setItem(GO_ON, JSON.stringify(goOn));
  return true;
}

/** The versions agree: the next disagreement may reload again. */
export function versionAgrees(memory: TabMemory): void {
  memory.removeItem(RELOADED);
}

/** @returns what goes on where this load follows a reload of ours. Says so once. */
export function takeGoOn(memory: TabMemory): Visit | null {
  const text = memory.getItem(GO_ON);
  memory.removeItem(GO_ON);
  if (text === null) return null;
  try {
    const { pause } = JSON.parse(text) as Partial<Visit>;
    const isPause = pause !== null && typeof pause === "object";
    return { pause: isPause ? { untilMs: typeof pause.untilMs === "number" ? pause.untilMs : null } : null };
  } catch {
    // Kept by another version, which knew of no pauses.
    return { pause: null };
  }
}
