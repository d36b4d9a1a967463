/** Who may be drawn as a partner of somebody else's row, by verified work: volunteers that are ready, compute finely and have a known address. */
import type { RandomSource } from "../../../shared/random/random.ts";
import { ESTABLISHED_ROWS } from "../../../shared/verify/cross-checks/parameters.ts";
import { PartnerDraw } from "../../../shared/verify/cross-checks/partner-draw.ts";

export class PartnerWeights {
  readonly #draw = new PartnerDraw();
  readonly #placeOf = new Map<string, number>();
  /** By place; null: free. */
  readonly #volunteers: (string | null)[] = [];
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

  /** @param weight 0: it is not drawn */
  set(volunteerId: string, weight: number): void {
    const known = this.#placeOf.get(volunteerId);
    if (known === undefined && weight === 0) return;
    const place = known ?? this.#free.pop() ?? this.#volunteers.length;
    const before = this.#draw.workOf(place);
    this.#draw.add(place, weight - before);
    if (before > 0) this.#counts[this.#countedAs(before)]!--;
    if (weight > 0) this.#counts[this.#countedAs(weight)]!++;
    if (weight > 0) {
      this.#placeOf.set(volunteerId, place);
      this.#volunteers[place] = volunteerId;
      return;
    }
    this.#placeOf.delete(volunteerId);
    this.#volunteers[place] = null;
    this.#free.push(place);
  }

  #countedAs(weight: number): number {
    return Math.min(weight, this.#counts.length - 1);
  }

  /**
   * A few tries, however many there are.
   * @param weightMost what is above this counts for nothing
   * @returns null: none of those that were met is allowed
   */
  tryDraw(
    random: RandomSource,
    isAllowed: (volunteerId: string) => boolean,
    weightMost = Number.POSITIVE_INFINITY,
  ): string | null {
    const isAllowedAt = (place: number) => {
      const volunteerId = this.#volunteers[place] ?? null;
      return volunteerId !== null && isAllowed(volunteerId);
    };
    const place = this.#draw.tryDraw(random, isAllowedAt, weightMost);
    return place === null ? null : (this.#volunteers[place] ?? null);
  }
}
