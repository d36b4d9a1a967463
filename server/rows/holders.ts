/** Which claims have an item open. The first holder of a row that is out stands in the row's own bytes; what is beside it is here, and small. */
import type { HeldClaim } from "./claims.ts";
import { OUT, type RowStates, WAITING } from "./row-states.ts";
import { isMixture } from "./words.ts";

interface Hold {
  readonly claim: HeldClaim;
  readonly attempt: number;
}

export class Holders {
  readonly #rows: RowStates;
  readonly #claims: ReadonlyMap<number, HeldClaim>;
  readonly #attemptOf: (item: number) => number;
  /** Mixtures; rows that are held by a second one, or for an earlier attempt, or after their answer. */
  readonly #more = new Map<number, Hold[]>();

  /** @param claims by their id, each for as long as it has open items @param attemptOf the present attempt of an item */
  constructor(rows: RowStates, claims: ReadonlyMap<number, HeldClaim>, attemptOf: (item: number) => number) {
    this.#rows = rows;
    this.#claims = claims;
    this.#attemptOf = attemptOf;
  }

  /** The claim has the item open, at its present attempt. */
  add(item: number, claim: HeldClaim, attempt: number): void {
    if (!isMixture(item) && this.#rows.stateOf(item) === WAITING) this.#rows.setOut(item, claim.claimId);
    else this.#addMore(item, { claim, attempt });
  }

  /** The claim has it open no more. A row that nobody holds waits. */
  remove(item: number, claim: HeldClaim): void {
    if (isMixture(item) || this.#rows.stateOf(item) !== OUT || this.#rows.holderOf(item) !== claim.claimId) {
      const more = this.#more.get(item);
      const at = more?.findIndex((hold) => hold.claim === claim) ?? -1;
      if (at >= 0) this.#removeMore(item, more!, at);
      return;
    }
    const more = this.#more.size === 0 ? undefined : this.#more.get(item);
    const attempt = more === undefined ? 0 : this.#attemptOf(item);
    const at = more?.findIndex((hold) => hold.attempt === attempt) ?? -1;
    if (at < 0) {
      this.#rows.setWaiting(item);
      return;
    }
    this.#rows.setOut(item, more![at]!.claim.claimId);
    this.#removeMore(item, more!, at);
  }

  /** Before a row is answered: who still holds it is kept here from now on. */
  makeRoom(item: number): void {
    const claim = this.#first(item);
    if (claim !== null) this.#addMore(item, { claim, attempt: this.#attemptOf(item) });
  }

  /** All of them, of whichever attempt. */
  of(item: number): HeldClaim[] {
    const first = this.#first(item);
    const more = this.#more.get(item)?.map(({ claim }) => claim) ?? [];
    return first === null ? more : [first, ...more];
  }

  hasAny(item: number): boolean {
    return (this.#more.size > 0 && this.#more.has(item)) || this.#first(item) !== null;
  }

  isAt(item: number, volunteer: number): boolean {
    if (this.#first(item)?.volunteer === volunteer) return true;
    return this.#more.get(item)?.some(({ claim }) => claim.volunteer === volunteer) === true;
  }

  /** Claims that are in time, and at the present attempt. */
  inTime(item: number): HeldClaim[] {
    const first = this.#first(item);
    const found = first !== null && !first.isLate ? [first] : [];
    const attempt = this.#attemptOf(item);
    for (const hold of this.#more.get(item) ?? []) {
      if (hold.attempt === attempt && !hold.claim.isLate) found.push(hold.claim);
    }
    return found;
  }

  #first(item: number): HeldClaim | null {
    if (isMixture(item) || this.#rows.stateOf(item) !== OUT) return null;
    return this.#claims.get(this.#rows.holderOf(item)) ?? null;
  }

  #addMore(item: number, hold: Hold): void {
    const more = this.#more.get(item);
    if (more === undefined) this.#more.set(item, [hold]);
    else more.push(hold);
  }

  #removeMore(item: number, more: Hold[], at: number): void {
    more.splice(at, 1);
    if (more.length === 0) this.#more.delete(item);
  }
}
