/** Who may be drawn as a partner of somebody else's row: volunteers that are ready, compute finely and have a known address. */
import type { RandomSource } from "../../../shared/random/random.ts";
import { isCrowdEstablished } from "../../../shared/verify/cross-checks/partners.ts";
import { GroupSizes } from "./group-sizes.ts";
import { WeightCounts } from "./weight-counts.ts";

/** Draws that are refused before the row waits. */
const TRIES = 64;

interface Drawable {
  readonly volunteerId: string;
  readonly addressGroup: string;
  readonly weight: number;
}

export class PartnerWeights {
  /** In no order that counts. */
  readonly #drawable: Drawable[] = [];
  readonly #placeOf = new Map<string, number>();
  readonly #groups = new GroupSizes();
  readonly #weights = new WeightCounts();

  get size(): number {
    return this.#drawable.length;
  }

  weightOf(volunteerId: string): number {
    const place = this.#placeOf.get(volunteerId);
    return place === undefined ? 0 : this.#drawable[place]!.weight;
  }

  /**
   * How many have that weight or more.
   * @param weight 1 to ESTABLISHED_ROWS + 1
   */
  countFrom(weight: number): number {
    return this.#weights.countFrom(weight);
  }

  /** [CC5] Have most volunteers that weight or more, and one at least of most address groups? Keys are free, addresses are fewer. */
  haveMost(weight: number): boolean {
    const { size } = this.#groups;
    return (
      isCrowdEstablished(this.countFrom(weight), this.size) && isCrowdEstablished(this.#groups.countFrom(weight), size)
    );
  }

  /** [CC5] Its chance beside that of one at an address of its own, whichever of its addresses a row may go to. @returns at most 1; 0: it is not drawn */
  partOf(volunteerId: string): number {
    const place = this.#placeOf.get(volunteerId);
    return place === undefined ? 0 : this.#groups.partOf(this.#drawable[place]!.addressGroup);
  }

  /** @param addressGroup null: it is not drawn. @param rowsWeight of partnerWeight, 0: it is not drawn */
  set(volunteerId: string, addressGroup: string | null, rowsWeight: number): void {
    const place = this.#placeOf.get(volunteerId) ?? this.#drawable.length;
    const before = this.#drawable[place];
    const weight = addressGroup === null ? 0 : rowsWeight;
    this.#weights.change(before?.weight ?? 0, weight);
    if (before !== undefined && before.addressGroup === addressGroup) {
      this.#groups.change(addressGroup, before.weight, weight);
    } else {
      if (before !== undefined) this.#groups.change(before.addressGroup, before.weight, 0);
      if (addressGroup !== null) this.#groups.change(addressGroup, 0, weight);
    }
    if (addressGroup !== null && weight > 0) {
      this.#drawable[place] = { volunteerId, addressGroup, weight };
      this.#placeOf.set(volunteerId, place);
    } else if (before !== undefined) this.#leave(place);
  }

  /** The last one takes its place. */
  #leave(place: number): void {
    const last = this.#drawable.pop()!;
    this.#placeOf.delete((this.#drawable[place] ?? last).volunteerId);
    if (place === this.#drawable.length) return;
    this.#drawable[place] = last;
    this.#placeOf.set(last.volunteerId, place);
  }

  /**
   * A few tries, however many there are.
   * [CC5] Each is as likely as any other, but that an address group counts as a few volunteers at most.
   * @returns null: none of those that were met is allowed
   */
  tryDraw(random: RandomSource, isAllowed: (volunteerId: string) => boolean): string | null {
    for (let tries = 0; tries < TRIES && this.size > 0; tries++) {
      const { volunteerId, addressGroup } = this.#drawable[random.integer(this.size)]!;
      const part = this.#groups.partOf(addressGroup);
      if ((part === 1 || random.uniform() < part) && isAllowed(volunteerId)) return volunteerId;
    }
    return null;
  }
}
