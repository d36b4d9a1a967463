/** Who may be drawn as a partner of somebody else's row, by verified work: volunteers that are ready, compute finely and have a known address. */
import type { RandomSource } from "../../../shared/random/random.ts";
import { ESTABLISHED_ROWS } from "../../../shared/verify/cross-checks/parameters.ts";
import { PartnerDraw } from "../../../shared/verify/cross-checks/partner-draw.ts";
import { GroupSizes } from "./group-sizes.ts";

interface Drawable {
  readonly volunteerId: string;
  readonly addressGroup: string;
}

export class PartnerWeights {
  readonly #draw = new PartnerDraw();
  readonly #placeOf = new Map<string, number>();
  /** By place; null: free. */
  readonly #volunteers: (Drawable | null)[] = [];
  readonly #groups = new GroupSizes();
  readonly #free: number[] = [];
  /** How many have a weight of so much, all above the last one in it. */
  readonly #counts = new Int32Array(ESTABLISHED_ROWS + 2);

  get size(): number {
    return this.#placeOf.size;
  }

  weightOf(volunteerId: string): number {
    const place = this.#placeOf.get(volunteerId);
    return place === undefined ? 0 : this.#draw.workOf(place);
  }

  /**
   * How many have that weight or more.
   * @param weight 1 to ESTABLISHED_ROWS + 1
   */
  countFrom(weight: number): number {
    let count = 0;
    for (let at = weight; at < this.#counts.length; at++) count += this.#counts[at]!;
    return count;
  }

  /** [CC5] The part of its weight that a volunteer of that group has. @returns above 0, at most 1 */
  partOf(addressGroup: string): number {
    return this.#groups.partOf(addressGroup);
  }

  /** @param addressGroup null: it is not drawn */
  set(volunteerId: string, addressGroup: string | null, rowsWeight: number): void {
    const known = this.#placeOf.get(volunteerId);
    const weight = addressGroup === null ? 0 : rowsWeight;
    if (known === undefined && weight === 0) return;
    const place = known ?? this.#free.pop() ?? this.#volunteers.length;
    const before = this.#draw.workOf(place);
    this.#draw.add(place, weight - before);
    if (before > 0) this.#counts[this.#countedAs(before)]!--;
    if (weight > 0) this.#counts[this.#countedAs(weight)]!++;
    this.#keepAt(place, addressGroup === null || weight === 0 ? null : { volunteerId, addressGroup });
    if (weight > 0) {
      this.#placeOf.set(volunteerId, place);
      return;
    }
    this.#placeOf.delete(volunteerId);
    this.#free.push(place);
  }

  #keepAt(place: number, drawable: Drawable | null): void {
    const before = this.#volunteers[place] ?? null;
    if (before !== null && before.addressGroup === drawable?.addressGroup) return;
    if (before !== null) this.#groups.add(before.addressGroup, -1);
    if (drawable !== null) this.#groups.add(drawable.addressGroup, 1);
    this.#volunteers[place] = drawable;
  }

  #countedAs(weight: number): number {
    return Math.min(weight, this.#counts.length - 1);
  }

  /**
   * A few tries, however many there are.
   * [CC5] An address group counts as a few volunteers at most.
   * @param weightMost what is above this counts for nothing
   * @returns null: none of those that were met is allowed
   */
  tryDraw(
    random: RandomSource,
    isAllowed: (volunteerId: string) => boolean,
    weightMost = Number.POSITIVE_INFINITY,
  ): string | null {
    const isAllowedAt = (place: number) => {
      const drawable = this.#volunteers[place] ?? null;
      if (drawable === null) return false;
      const part = this.partOf(drawable.addressGroup);
      return (part === 1 || random.uniform() < part) && isAllowed(drawable.volunteerId);
    };
    const place = this.#draw.tryDraw(random, isAllowedAt, weightMost);
    return place === null ? null : (this.#volunteers[place]?.volunteerId ?? null);
  }
}
