/** Those who may be drawn as partners by address group: how many there are, as how many they count, how many groups have a long record. */
import { groupHeadsMax } from "../../../shared/verify/cross-checks/group-heads.ts";
import { WeightCounts } from "./weight-counts.ts";

interface Group {
  volunteers: number;
  readonly weights: WeightCounts;
  /** The greatest of its volunteers. */
  greatest: number;
}

export class GroupSizes {
  readonly #groups = new Map<string, Group>();
  /** How many groups there are of each size. */
  readonly #bySize = new Map<number, number>();
  /** How many groups there are by the greatest weight in them. */
  readonly #byGreatest = new WeightCounts();
  /** null: sizes have changed since. */
  #headsMax: number | null = null;

  get size(): number {
    return this.#groups.size;
  }

  /** How many have a volunteer of that weight or more. */
  countFrom(weight: number): number {
    return this.#byGreatest.countFrom(weight);
  }

  /** A volunteer of the group has another weight, comes or leaves. @param before 0: it was not there. @param now 0: it is there no more */
  change(addressGroup: string, before: number, now: number): void {
    if (before === now) return;
    const group = this.#groups.get(addressGroup) ?? { volunteers: 0, weights: new WeightCounts(), greatest: 0 };
    const { volunteers, greatest, weights } = group;
    weights.change(before, now);
    if (now >= greatest) group.greatest = now;
    else if (before === greatest) group.greatest = weights.greatest;
    this.#byGreatest.change(greatest, group.greatest);
    group.volunteers += (now > 0 ? 1 : 0) - (before > 0 ? 1 : 0);
    if (group.volunteers > 0) this.#groups.set(addressGroup, group);
    else this.#groups.delete(addressGroup);
    if (group.volunteers === volunteers) return;
    this.#countOfSize(volunteers, -1);
    this.#countOfSize(group.volunteers, 1);
    this.#headsMax = null;
  }

  /** [CC5] The chance of a volunteer of that group, beside that of one at an address of its own. @returns above 0, at most 1 */
  partOf(addressGroup: string): number {
    this.#headsMax ??= groupHeadsMax(this.#bySize);
    return Math.min(1, this.#headsMax / (this.#groups.get(addressGroup)?.volunteers ?? 1));
  }

  #countOfSize(size: number, change: 1 | -1): void {
    if (size === 0) return;
    const now = (this.#bySize.get(size) ?? 0) + change;
    if (now > 0) this.#bySize.set(size, now);
    else this.#bySize.delete(size);
  }
}
