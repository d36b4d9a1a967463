/** Of those who may be drawn as partners, how many are at each address, and as how many they count. */
import { groupHeadsMax } from "../../../shared/verify/cross-checks/group-heads.ts";

export class GroupSizes {
  readonly #volunteers = new Map<string, number>();
  /** How many groups there are of each size. */
  readonly #groups = new Map<number, number>();
  /** null: sizes have changed since. */
  #headsMax: number | null = null;

  /** @param change 1: somebody more; -1: somebody less */
  add(addressGroup: string, change: 1 | -1): void {
    const before = this.#volunteers.get(addressGroup) ?? 0;
    const now = before + change;
    if (now > 0) this.#volunteers.set(addressGroup, now);
    else this.#volunteers.delete(addressGroup);
    this.#countGroups(before, -1);
    this.#countGroups(now, 1);
    this.#headsMax = null;
  }

  /** [CC5] The part of its weight that a volunteer of that group has. @returns above 0, at most 1 */
  partOf(addressGroup: string): number {
    this.#headsMax ??= groupHeadsMax(this.#groups);
    return Math.min(1, this.#headsMax / (this.#volunteers.get(addressGroup) ?? 1));
  }

  #countGroups(size: number, change: 1 | -1): void {
    if (size === 0) return;
    const now = (this.#groups.get(size) ?? 0) + change;
    if (now > 0) this.#groups.set(size, now);
    else this.#groups.delete(size);
  }
}
