/** Claims that are held while something comes into being. [CE15] */
import type { Claim, ReservationStore } from "../store/claim.ts";

export class Reservations {
  readonly #store: ReservationStore;
  /** To be released, and the database was away. */
  readonly #owed = new Set<string>();

  constructor(store: ReservationStore) {
    this.#store = store;
  }

  /**
   * @param refusal of a claim that is too much beside what they hold
   * @param act what becomes of it is counted by itself once this has resolved
   */
  async holding<T>(claim: Claim, refusal: (held: number) => Error, act: () => Promise<T>): Promise<T> {
    if (this.#owed.size > 0) await this.#release();
    const held = await this.#store.reserve(claim);
    if (held !== null) throw refusal(held);
    try {
      return await act();
    } finally {
      this.#owed.add(claim.id);
      // Else with the next one.
      await this.#release().catch(() => {});
    }
  }

  async #release(): Promise<void> {
    const ids = [...this.#owed];
    await this.#store.release(ids);
    for (const id of ids) this.#owed.delete(id);
  }
}
