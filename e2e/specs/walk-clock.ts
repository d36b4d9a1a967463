/** Walks of a newcomer are timed, and what they took is printed; on a machine that does other things the time says little. */

/** @param walk what is done. @returns prints how long it took */
export function walkClock(walk: string): () => void {
  const beganMs = performance.now();
  return () => console.log(`walk: ${walk}: ${((performance.now() - beganMs) / 1_000).toFixed(1)} s`);
}
