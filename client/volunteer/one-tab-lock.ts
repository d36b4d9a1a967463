/** One working tab a browser profile: two would share the same processor, and one of them would look slow. */

/** @returns gives the place back; null where another tab has it */
export function takePlace(lockName: string): Promise<(() => void) | null> {
  return new Promise((resolve, reject) => {
    const holdUntilGivenBack = (lock: Lock | null) => {
      if (lock === null) {
        resolve(null);
        return;
      }
      return new Promise<void>((giveBack) => resolve(giveBack));
    };
    navigator.locks.request(lockName, { ifAvailable: true }, holdUntilGivenBack).catch(reject);
  });
}

/** Resolves once no tab has the place; does not take it. Rejects where the signal gives up. */
export async function whenPlaceIsFree(lockName: string, signal: AbortSignal): Promise<void> {
  await navigator.locks.request(lockName, { signal }, () => undefined);
}
