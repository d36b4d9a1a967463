/**
 * Loads parts of a page one after the other, each in a task of its own: to evaluate all scripts of a page in one task takes longer on a
 * slow processor than a finger waits.
 */
export async function inTurn(loads: readonly (() => Promise<unknown>)[]): Promise<void> {
  for (const load of loads) {
    await load();
    // A timer and not a frame: nothing is drawn in a hidden tab.
    await new Promise<void>((resolve) => setTimeout(resolve));
  }
}
