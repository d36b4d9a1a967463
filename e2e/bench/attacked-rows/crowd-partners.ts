/** Who gives second words in a simulated crowd: drawn by the product's own weights, so that address groups count as a few volunteers at most. */
import { CheckLapses } from "../../../server/checks/check-lapses.ts";
import type { PartnerSource } from "../../../server/checks/checked-rows-words.ts";
import { drawPartner, isCrowdReady } from "../../../server/checks/partners.ts";
import { PartnerWeights } from "../../../server/coordinator/crowd/partner-weights.ts";
import type { RandomSource } from "../../../shared/random/random.ts";
import { partnerWeight } from "../../../shared/verify/cross-checks/partners.ts";

export class CrowdPartners implements PartnerSource {
  readonly #weights = new PartnerWeights();
  /** By volunteer: as whose address it counts, and of whom it checks nobody. */
  readonly #groups = new Map<string, string>();
  readonly #checkGroups = new Map<string, string>();
  /** Volunteers that are here, by group. */
  readonly #here = new Map<string, Set<string>>();
  readonly #rowsTaken = new Map<string, number>();
  readonly #random: RandomSource;
  readonly #answerBound: number;
  readonly #lapses = new CheckLapses();
  readonly #rowsNeeded: number;

  /** @param rowsNeeded rows after which a volunteer is established */
  constructor(
    random: RandomSource,
    answerBound: number,
    rowsNeeded: number,
    private readonly nowMs: () => number,
  ) {
    this.#random = random;
    this.#answerBound = answerBound;
    this.#rowsNeeded = rowsNeeded;
  }

  /** @param checkGroup of a seat: another than its address's */
  join(volunteerId: string, group: string, checkGroup = group): void {
    this.#groups.set(volunteerId, group);
    this.#checkGroups.set(volunteerId, checkGroup);
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
    const { size } = this.#here;
    return isCrowdReady({ addressGroups: size, answerBound: this.#answerBound, tabs: size, choosers: 0 });
  }

  groupOf(volunteerId: string): string | null {
    return this.#checkGroups.get(volunteerId) ?? null;
  }

  /** A check of it was not begun in time. */
  lapsed(volunteerId: string): void {
    this.#lapses.lapsed(volunteerId, this.nowMs());
  }

  answered(volunteerId: string): void {
    this.#lapses.answered(volunteerId);
  }

  draw(author: string, notAmong: ReadonlySet<string>): string | null {
    const asked = {
      ...{ author, notAmong, groupOf: (id: string) => this.groupOf(id), mayCheck: () => true },
      establishedWeight: partnerWeight(this.#rowsNeeded, this.#rowsNeeded),
    };
    return drawPartner(this.#weights, asked, this.#lapses, this.#random, this.nowMs());
  }

  #weigh(volunteerId: string): void {
    const rows = this.#rowsTaken.get(volunteerId) ?? 0;
    this.#weights.set(volunteerId, this.#groups.get(volunteerId) ?? null, partnerWeight(rows, this.#rowsNeeded));
  }
}
