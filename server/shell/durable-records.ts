/** Audits that volunteers have passed, as far as the store has them: an answer is final by these alone. */
import type { StoredVolunteer } from "../store/store.ts";

export class DurableRecords {
  readonly #auditsPassed = new Map<string, number>();

  /** This has been stored, now or by an earlier process. */
  note({ volunteerId, auditsPassed }: Pick<StoredVolunteer, "volunteerId" | "auditsPassed">): void {
    this.#auditsPassed.set(volunteerId, auditsPassed);
  }

  /** @returns one entry for each: whoever the store does not know has passed none */
  of(volunteerIds: readonly string[]): ReadonlyMap<string, number> {
    return new Map(volunteerIds.map((volunteerId) => [volunteerId, this.#auditsPassed.get(volunteerId) ?? 0]));
  }
}
