/** Who gives second words in a simulated crowd: drawn by the product's own weights, so that address groups count as a few volunteers at most. */
import type { PartnerSource } from "../../../server/checks/checked-rows-words.ts";
import { PartnerWeights } from "../../../server/coordinator/crowd/partner-weights.ts";
import type { RandomSource } from "../../../shared/random/random.ts";
import { addressGroupsNeeded, partnerWeight } from "../../../shared/verify/cross-checks/partners.ts";

export class CrowdPartners implements PartnerSource {
  readonly #weights = new PartnerWeights();
  readonly #groups = new Map<string, string>();
  /** Volunteers that are here, by group. */
  readonly #here = new Map<string, Set<string>>();
  readonly #rowsTaken = new Map<string, number>();
  readonly #random: RandomSource;
  readonly #groupsNeeded: number;
  readonly #rowsNeeded: number;

  /** @param rowsNeeded rows after which a volunteer is established */
  constructor(random: RandomSource, answerBound: number, rowsNeeded: number) {
    this.#random = random;
    this.#groupsNeeded = addressGroupsNeeded(answerBound);
    this.#rowsNeeded = rowsNeeded;
  }

  join(volunteerId: string, group: string): void {
    this.#groups.set(volunteerId, group);
    this.#here.set(group, (this.#here.get(group) ?? new Set()).add(volunteerId));
    this.#weigh(volunteerId);
  }

  leave(volunteerId: string): void {
    const group = this.#groups.get(volunteerId);
    if (group === undefined) return;
    const others = this.#here.get(group);
    others?.delete(volunteerId);
    if (others?.size === 0) this.#here.delete(group);
    this.#weights.set(volunteerId, null, 0);
  }

  /** A row of it was taken in. */
  count(volunteerId: string): void {
    const rows = (this.#rowsTaken.get(volunteerId) ?? 0) + 1;
    this.#rowsTaken.set(volunteerId, rows);
    if (rows <= this.#rowsNeeded && this.#weights.weightOf(volunteerId) > 0) this.#weigh(volunteerId);
  }

  isCrowdReady(): boolean {
    return this.#here.size >= this.#groupsNeeded;
  }

  groupOf(volunteerId: string): string | null {
    return this.#groups.get(volunteerId) ?? null;
  }

  /** Among the established once most are. */
  draw(author: string, notAmong: ReadonlySet<string>): string | null {
    const group = this.groupOf(author);
    const mayCheck = (id: string) => id !== author && !notAmong.has(id) && this.groupOf(id) !== group;
    const weight = partnerWeight(this.#rowsNeeded, this.#rowsNeeded);
    const isEstablished = (id: string) => mayCheck(id) && this.#weights.weightOf(id) >= weight;
    const established = this.#weights.haveMost(weight) ? this.#weights.tryDraw(this.#random, isEstablished) : null;
    return established ?? this.#weights.tryDraw(this.#random, mayCheck);
  }

  #weigh(volunteerId: string): void {
    const rows = this.#rowsTaken.get(volunteerId) ?? 0;
    this.#weights.set(volunteerId, this.groupOf(volunteerId), partnerWeight(rows, this.#rowsNeeded));
  }
}
