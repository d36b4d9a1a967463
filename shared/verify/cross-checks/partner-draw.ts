import type { RandomSource } from "../../random/random.ts";
import { PARTNER_WEIGHT_SHARE_MAX } from "./parameters.ts";

/** Draws that are refused before all candidates are looked at one by one. */
const TRIES = 64;

/**
 * Draws partners by verified work: whoever did twice the rows is drawn twice as often, but nobody with more weight than a tenth of
 * all the work. A Fenwick tree over the volunteers' places, so that a draw and a change cost the logarithm of their number.
 *
 * @example
 * const draw = new PartnerDraw();
 * draw.add(0, 300);
 * draw.add(1, 100);
 * draw.draw(simulationRandom(1), (place) => place !== 0) // -> 1
 */
export class PartnerDraw {
  /** Work below each node, as Fenwick has it: node i covers the (i & -i) places that end at i - 1. */
  private readonly tree: number[] = [0];
  private readonly work: number[] = [];
  private total = 0;

  /** @param place of the volunteer, 0 or more. @param work rows, may be negative to take some back */
  add(place: number, work: number): void {
    while (this.work.length <= place) this.grow();
    this.work[place]! += work;
    this.total += work;
    for (let node = place + 1; node < this.tree.length; node += node & -node) this.tree[node]! += work;
  }

  workOf(place: number): number {
    return this.work[place] ?? 0;
  }

  /**
   * @param isAllowed for whom this row may wait
   * @returns the place of a volunteer with some work that is allowed; null where there is none
   */
  draw(random: RandomSource, isAllowed: (place: number) => boolean): number | null {
    return this.tryDraw(random, isAllowed) ?? this.drawSlowly(random, isAllowed);
  }

  /**
   * The same by a few tries alone: null where none that they met is allowed, though somebody else may be.
   * @param workMost work above this counts for nothing
   */
  tryDraw(
    random: RandomSource,
    isAllowed: (place: number) => boolean,
    workMost = Number.POSITIVE_INFINITY,
  ): number | null {
    if (this.total <= 0) return null;
    const most = Math.min(workMost, this.total * PARTNER_WEIGHT_SHARE_MAX);
    for (let tries = 0; tries < TRIES; tries++) {
      const place = this.placeAt(random.uniform() * this.total);
      const isKept = this.work[place]! <= most || random.uniform() * this.work[place]! < most;
      if (isKept && isAllowed(place)) return place;
    }
    return null;
  }

  /** The same draw over the allowed alone: where they are few, or nearly all the work is one volunteer's. */
  private drawSlowly(random: RandomSource, isAllowed: (place: number) => boolean): number | null {
    if (this.total <= 0) return null;
    const most = this.total * PARTNER_WEIGHT_SHARE_MAX;
    const weights = this.work.map((work, place) => (work > 0 && isAllowed(place) ? Math.min(work, most) : 0));
    let rest = random.uniform() * weights.reduce((sum, weight) => sum + weight, 0);
    let last: number | null = null;
    for (const [place, weight] of weights.entries()) {
      if (weight === 0) continue;
      last = place;
      rest -= weight;
      if (rest < 0) return place;
    }
    return last;
  }

  private placeAt(target: number): number {
    let [node, rest] = [0, target];
    for (let step = 2 ** Math.floor(Math.log2(this.tree.length)); step >= 1; step /= 2) {
      const next = node + step;
      if (next < this.tree.length && this.tree[next]! <= rest) {
        node = next;
        rest -= this.tree[next]!;
      }
    }
    return Math.min(node, this.work.length - 1);
  }

  private grow(): void {
    this.work.push(0);
    const node = this.tree.length;
    // What its first child nodes cover together.
    let below = 0;
    for (let child = node - 1; child > node - (node & -node); child -= child & -child) below += this.tree[child]!;
    this.tree.push(below);
  }
}
