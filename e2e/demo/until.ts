const POLL_MS = 200;

/**
 * Asks until the answer is no longer a sentence about why it must wait.
 * @throws the signal's reason; Error with the last sentence where it takes too long
 */
export async function until<T>(
  signal: AbortSignal,
  limitMs: number,
  ask: () => Promise<T | string>,
): Promise<Exclude<T, string>> {
  const endMs = performance.now() + limitMs;
  for (;;) {
    const answer = await ask();
    if (typeof answer !== "string") return answer as Exclude<T, string>;
    if (performance.now() > endMs) throw new Error(`demo: gave up after ${limitMs / 1000} s: ${answer}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    signal.throwIfAborted();
  }
}
