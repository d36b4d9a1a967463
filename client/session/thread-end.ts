/**
 * Learns that a thread ended through the Web Lock that it holds while it lives (client/compute/life-lock.ts). Where the
 * thread does not hold it, or there are no locks, nothing is ever told: deadlines must do alone.
 */
export function whenThreadEnds(lifeLockName: string, givenUp: AbortSignal, onEnd: () => void): void {
  const locks = globalThis.navigator?.locks as LockManager | undefined;
  if (locks === undefined) return;
  void locks.request(lifeLockName, { ifAvailable: true }, async (free) => {
    if (free !== null) return;
    locks
      .request(lifeLockName, { signal: givenUp }, () => {
        if (!givenUp.aborted) onEnd();
      })
      .catch(() => undefined);
  });
}
