/** What one call of a block leads to, in order. */
import type { CheckEffect, RowToRecompute } from "./checked-rows-words.ts";

/**
 * @example
 * const outbox = new Outbox();
 * outbox.wantRow({ place: 3, attempt: 0, why: "coin" });
 * outbox.tell({ type: "exact", place: 4 });
 * outbox.empty() // -> exact 4, recompute 3
 */
export class Outbox {
  #effects: CheckEffect[] = [];
  #rows: RowToRecompute[] = [];

  tell(...effects: readonly CheckEffect[]): void {
    this.#effects.push(...effects);
  }

  /** The coordinator is to compute it: all of a call in one piece. */
  wantRow(row: RowToRecompute): void {
    this.#rows.push(row);
  }

  /** @returns effects, a charge before all others */
  empty(): CheckEffect[] {
    const effects = this.#effects;
    if (this.#rows.length > 0) effects.push({ type: "recompute", rows: this.#rows });
    this.#effects = [];
    this.#rows = [];
    const charge = effects.findIndex(({ type }) => type === "charge");
    if (charge > 0) effects.unshift(...effects.splice(charge, 1));
    return effects;
  }
}
