/** [VF3] Findings of a block: answers that a trusted row contradicts, whatever becomes of who gave them. The first one charges. */
import type { CheckEffect, Finding } from "./checked-rows-words.ts";

/**
 * What was found in one block.
 * @example
 * const findings = new Findings(false);
 * findings.add({ volunteerId: "a", place: 3, attempt: 0, isBeyondDoubt: true, partner: null }) // -> charge, found
 * findings.add({ volunteerId: "a", place: 3, attempt: 0, isBeyondDoubt: true, partner: null }) // -> nothing: the same answer
 */
export class Findings {
  readonly #seen = new Set<string>();
  #isCharged: boolean;

  /** @param isCharged an earlier run had found an answer of the block */
  constructor(isCharged: boolean) {
    this.#isCharged = isCharged;
  }

  get isCharged(): boolean {
    return this.#isCharged;
  }

  /** @returns effects, the charge before all others */
  add(finding: Finding): CheckEffect[] {
    const key = `${finding.place}:${finding.attempt}:${finding.volunteerId}`;
    if (this.#seen.has(key)) return [];
    this.#seen.add(key);
    const charge: CheckEffect[] = this.#isCharged ? [] : [{ type: "charge" }];
    this.#isCharged = true;
    return [...charge, { type: "found", ...finding }];
  }
}
