/** What a coordinator among others does every so often. */

/** Calls back again and again. @returns stops it */
export type Interval = (ms: number, run: () => void) => () => void;

/** Never twice at once; what fails is told, and tried the next time. @param interval by default by this machine's clock @returns stops it */
export function againAndAgain(
  ms: number,
  act: () => Promise<void>,
  onFailed: (error: unknown) => void,
  interval: Interval = byThisClock,
): () => void {
  let isActing = false;
  return interval(ms, () => {
    if (isActing) return;
    isActing = true;
    act()
      .catch(onFailed)
      .finally(() => {
        isActing = false;
      });
  });
}

function byThisClock(ms: number, run: () => void): () => void {
  const timer = setInterval(run, ms);
  timer.unref();
  return () => clearInterval(timer);
}
