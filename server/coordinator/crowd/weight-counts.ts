import { ESTABLISHED_ROWS } from "../../../shared/verify/cross-checks/parameters.ts";

/** Weights above this are counted as this: a record of that length is long enough in any job. */
const GREATEST = ESTABLISHED_ROWS + 1;

/** How many have which weight, a whole number of rows; 0: those are not counted. */
export class WeightCounts {
  readonly #counts = new Map<number, number>();
  /** What was asked for last: it is asked for again for each row of a result. null: counts have changed since. */
  #asked: { readonly weight: number; readonly count: number } | null = null;

  /** Of one of them. */
  change(before: number, now: number): void {
    if (before === now) return;
    this.#asked = null;
    this.#add(before, -1);
    this.#add(now, 1);
  }

  /** How many have that weight or more. @param weight 1 to ESTABLISHED_ROWS + 1 */
  countFrom(weight: number): number {
    if (this.#asked?.weight === weight) return this.#asked.count;
    let count = 0;
    for (const [counted, many] of this.#counts) if (counted >= weight) count += many;
    this.#asked = { weight, count };
    return count;
  }

  /** 0: there are none. */
  get greatest(): number {
    return Math.max(0, ...this.#counts.keys());
  }

  #add(weight: number, change: 1 | -1): void {
    if (weight === 0) return;
    const counted = Math.min(weight, GREATEST);
    const now = (this.#counts.get(counted) ?? 0) + change;
    if (now > 0) this.#counts.set(counted, now);
    else this.#counts.delete(counted);
  }
}
