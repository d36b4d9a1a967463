/**
 * What cannot be taken back once it is given: bytes, names, places of jobs, seats of readers. Nobody holds more than three quarters of what the
 * others leave free, so whoever comes next finds some: of a hundred places the first has 75 at most, then the second 18, the third 5. What
 * can be taken back (threads, trials, turns) is shared by turns instead: fair-queue.ts. Pure.
 */

/** Of what the others leave free. */
export const FREE_SHARE_MAX = 3 / 4;

/** So much of it each holds, by name. */
export type Holdings = ReadonlyMap<string, number>;

/**
 * @param most what all may hold together
 * @returns how much more `who` may take: of whole things always the last one, if it has none
 */
export function roomFor(who: string, most: number, held: Holdings): number {
  const own = held.get(who) ?? 0;
  const free = most - heldInAll(held) + own;
  return Math.max(0, Math.min(free, Math.max(Math.floor(free * FREE_SHARE_MAX), 1)) - own);
}

export function heldInAll(held: Holdings): number {
  let sum = 0;
  for (const amount of held.values()) sum += amount;
  return sum;
}

export function addTo(held: Map<string, number>, who: string, amount: number): void {
  const sum = (held.get(who) ?? 0) + amount;
  if (sum > 0) held.set(who, sum);
  else held.delete(who);
}

/** By name, what several have together. */
export function together(...all: readonly Holdings[]): Map<string, number> {
  const sums = new Map<string, number>();
  for (const held of all) for (const [who, amount] of held) addTo(sums, who, amount);
  return sums;
}

/** How many things each has. */
export function countBy<T>(things: Iterable<T>, whose: (thing: T) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const thing of things) addTo(counts, whose(thing), 1);
  return counts;
}

/** One thing that is shared, and who holds how much of it. */
export class Shares {
  readonly #most: number;
  readonly #held = new Map<string, number>();

  constructor(most: number) {
    this.#most = most;
  }

  get held(): Holdings {
    return this.#held;
  }

  room(who: string): number {
    return roomFor(who, this.#most, this.#held);
  }

  /** @returns gives it back, once; null: it is more than `who` may have */
  take(who: string, amount: number): (() => void) | null {
    if (amount > this.room(who)) return null;
    addTo(this.#held, who, amount);
    let isHeld = true;
    return () => {
      if (isHeld) addTo(this.#held, who, -amount);
      isHeld = false;
    };
  }
}
