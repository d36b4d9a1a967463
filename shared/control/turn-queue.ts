/** Puts work at the end of a queue. @returns what the work returns, or throws */
export type TurnQueue = <T>(work: () => T | Promise<T>) => Promise<T>;

/** One piece of work at a time, in the order in which they came; one that fails holds up nobody. */
export function createTurnQueue(): TurnQueue {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const turn = last.then(work);
    last = turn.catch(() => undefined);
    return turn;
  };
}
