/**
 * A tab of another version reloads once by itself. If that brings the same version again (a cache in between, a half-done
 * update), it says so instead of reloading for ever. What it was doing is remembered over the reload: the volunteer
 * pressed Start in this very tab.
 */
const RELOADED = "paritab-reloaded-for";
const GO_ON = "paritab-go-on";

/** The part of sessionStorage that is used. */
export type TabMemory = Pick<Storage, "getItem" | "setItem" | "removeItem">;

/** @returns whether to reload now; if so, the tab goes on working afterwards */
export function shouldReload(memory: TabMemory, servedBuildHash: string): boolean {
  if (memory.getItem(RELOADED) !== null) return false;
  memory.setItem(RELOADED, servedBuildHash);
  memory.setItem(GO_ON, "yes");
  return true;
}

/** The versions agree: the next disagreement may reload again. */
export function versionAgrees(memory: TabMemory): void {
  memory.removeItem(RELOADED);
}

/** @returns whether this load follows a reload of ours, and work should go on. Says so once. */
export function takeGoOn(memory: TabMemory): boolean {
  const goOn = memory.getItem(GO_ON) !== null;
  memory.removeItem(GO_ON);
  return goOn;
}
