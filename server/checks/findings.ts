/** [VF3] Findings of a block: answers that a trusted row contradicts, whatever becomes of who gave them. The first one charges. */
import type { CheckEffect, RowFinding } from "./checked-rows-words.ts";

/**
 * What was found in one block.
 * @example
 * const findings = new Findings(false);
 * findings.add({ volunteerId: "a", place: 3, attempt: 0, isBeyondDoubt: true, partner: null }, true) // -> charge, found
 * findings.add({ volunteerId: "a", place: 3, attempt: 0, isBeyondDoubt: true, partner: null }, true) // -> nothing: the same answer
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

  /** What is asked again is a block of its own. */
  renew(): void {
    this.#isCharged = false;
  }

  /**
   * @param isOfBlock false: an answer of the block before, which was charged, and whose answers are not final
   * @returns effects, the charge before all others
   */
  add(finding: RowFinding, isOfBlock: boolean): CheckEffect[] {
    const key = `${finding.place}:${finding.attempt}:${finding.volunteerId}`;
    if (this.#seen.has(key)) return [];
    this.#seen.add(key);
    const charge: CheckEffect[] = this.#isCharged || !isOfBlock ? [] : [{ type: "charge" }];
    this.#isCharged ||= isOfBlock;
    return [...charge, { type: "found", ...finding }];
  }
}
