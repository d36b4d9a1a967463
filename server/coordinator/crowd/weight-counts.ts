import { ESTABLISHED_ROWS } from "../../../shared/verify/cross-checks/parameters.ts";

/** Weights above this are counted as this: a record of that length is long enough in any job. */
const GREATEST = ESTABLISHED_ROWS + 1;

/** How many have which weight, a whole number of rows; 0: those are not counted. */
export class WeightCounts {
  readonly #counts = new Map<number, number>();

  /** Of one of them. */
  change(before: number, now: number): void {
    this.#add(before, -1);
    this.#add(now, 1);
  }

  /** How many have that weight or more. @param weight 1 to ESTABLISHED_ROWS + 1 */
  countFrom(weight: number): number {
    let count = 0;
    for (const [counted, many] of this.#counts) if (counted >= weight) count += many;
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
