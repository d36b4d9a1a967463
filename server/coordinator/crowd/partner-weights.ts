/** Who may be drawn as a partner of somebody else's row, by verified work: volunteers that are ready, compute finely and have a known address. */
import type { RandomSource } from "../../../shared/random/random.ts";
import { PartnerDraw } from "../../../shared/verify/cross-checks/partner-draw.ts";

export class PartnerWeights {
  readonly #draw = new PartnerDraw();
  readonly #placeOf = new Map<string, number>();
  /** By place; null: free. */
  readonly #volunteers: (string | null)[] = [];
  readonly #free: number[] = [];

  get size(): number {
    return this.#placeOf.size;
  }

  weightOf(volunteerId: string): number {
    const place = this.#placeOf.get(volunteerId);
    return place === undefined ? 0 : this.#draw.workOf(place);
  }

  /** @param weight 0: it is not drawn */
  set(volunteerId: string, weight: number): void {
    const known = this.#placeOf.get(volunteerId);
    if (known === undefined && weight === 0) return;
    const place = known ?? this.#free.pop() ?? this.#volunteers.length;
    this.#draw.add(place, weight - this.#draw.workOf(place));
    if (weight > 0) {
      this.#placeOf.set(volunteerId, place);
      this.#volunteers[place] = volunteerId;
      return;
    }
    this.#placeOf.delete(volunteerId);
    this.#volunteers[place] = null;
    this.#free.push(place);
  }

  /** A few tries, however many there are. @returns null: none of those that were met is allowed */
  tryDraw(random: RandomSource, isAllowed: (volunteerId: string) => boolean): string | null {
    const place = this.#draw.tryDraw(random, (at) => {
      const volunteerId = this.#volunteers[at] ?? null;
      return volunteerId !== null && isAllowed(volunteerId);
    });
    return place === null ? null : (this.#volunteers[place] ?? null);
  }
}
