/** A tab and its claims, as the ledger keeps them: their items, and what is expected of them. */
import { NOT_IN_HEAP } from "../../shared/control/heap.ts";
import type { Group } from "./groups.ts";
import type { ClaimTime } from "./lateness.ts";
import { type Joining, type LedgerClaim, MIN_PART_ROWS, type Reason } from "./words.ts";

/** A tab is measured by its own claims once it has ended so many. */
const CLAIMS_MEASURED = 3;

export class Tab {
  readonly sessionId: string;
  readonly volunteerId: string;
  readonly volunteer: number;
  /** The one that it is at first. */
  readonly claims: HeldClaim[] = [];
  /** Its latest claims that measured it. */
  readonly measured: ClaimTime[] = [];
  /** Rows a millisecond; 0: nothing is known. */
  pace: number;
  /** Was its pace known when it joined? */
  readonly isKnown: boolean;
  /** How many of its latest claims, one after the other, were late. */
  lateInTurn = 0;
  /** What its first claim takes beside its rows, ms; 0 once the claim has ended. */
  setUpMs: number;

  constructor({ sessionId, volunteerId, rowsPerMs, setUpMs }: Joining, volunteer: number) {
    this.sessionId = sessionId;
    this.volunteerId = volunteerId;
    this.volunteer = volunteer;
    this.pace = rowsPerMs ?? 0;
    this.isKnown = rowsPerMs !== null;
    this.setUpMs = setUpMs ?? 0;
  }

  get isMeasured(): boolean {
    return this.isKnown || this.measured.length >= CLAIMS_MEASURED;
  }
}

export interface HeldItem {
  readonly item: number;
  readonly attempt: number;
  readonly reason: Reason;
  isOpen: boolean;
  /** Of a code; null: of none. */
  readonly group: Group | null;
}

export class HeldClaim implements LedgerClaim {
  readonly claimId: number;
  readonly tab: Tab;
  readonly sessionId: string;
  readonly volunteerId: string;
  readonly volunteer: number;
  readonly takenMs: number;
  readonly items: HeldItem[] = [];
  openCount = 0;
  begunMs: number | null = null;
  dueMs = Number.POSITIVE_INFINITY;
  voidMs = Number.POSITIVE_INFINITY;
  isLate = false;
  isCut = false;
  answeredCount = 0;
  /** When it should end, without the rows that somebody else has taken beside it. */
  endMs = 0;
  /** Behind it in `items` nothing is left that somebody could take beside. */
  tail = 0;
  /** Items that somebody in time has beside it. */
  readonly given = new Set<number>();
  endsAt = NOT_IN_HEAP;
  duesAt = NOT_IN_HEAP;
  /** Items that its tab may leave out: told, and not yet told. */
  readonly #told = new Set<number>();
  readonly #wished = new Set<number>();
  #indexes: Map<number, number> | null = null;
  #next = 0;

  constructor(claimId: number, tab: Tab, takenMs: number) {
    this.claimId = claimId;
    this.tab = tab;
    this.sessionId = tab.sessionId;
    this.volunteerId = tab.volunteerId;
    this.volunteer = tab.volunteer;
    this.takenMs = takenMs;
  }

  add(item: number, attempt: number, reason: Reason, group: Group | null = null): void {
    this.items.push({ item, attempt, reason, isOpen: true, group });
    this.openCount++;
    this.tail = this.items.length;
  }

  close(held: HeldItem): void {
    held.isOpen = false;
    this.openCount--;
    if (this.given.size > 0) this.given.delete(held.item);
    if (this.#wished.size > 0) this.#wished.delete(held.item);
  }

  /** The item, if the claim has it open. Who answers in order is found at once, any other by a table that is made once. */
  find(item: number): HeldItem | null {
    const at = this.#indexOf(item);
    const held = this.items[at];
    if (held === undefined || !held.isOpen) return null;
    this.#next = at + 1;
    return held;
  }

  /** Somebody could take this item beside the claim again. */
  isSoleAgain(item: number): void {
    this.given.delete(item);
    this.tail = Math.max(this.tail, this.#indexOf(item) + 1);
  }

  /** Somebody else has answered it. @returns what the tab is to be told that it may leave out; null: nothing yet */
  wish(item: number): number[] | null {
    if (this.#told.has(item)) return null;
    this.#wished.add(item);
    if (this.#wished.size < MIN_PART_ROWS && !this.#isEnd()) return null;
    return this.#tell();
  }

  /** After some of its items were answered: are those that others answered all that is left behind them? */
  wishesLeft(): number[] | null {
    return this.#wished.size > 0 && this.#isEnd() ? this.#tell() : null;
  }

  /** The tab may leave out what is open; of a claim that it has begun rows and mixtures alone. @returns what it was not told of before */
  wishRest(): number[] {
    for (const { item, reason, isOpen } of this.items) {
      const isOwed = this.begunMs !== null && (reason === "check" || reason === "known");
      if (isOpen && !isOwed && !this.#told.has(item)) this.#wished.add(item);
    }
    return this.#tell();
  }

  mayLeaveOut(item: number): boolean {
    return this.#told.has(item) || this.#wished.has(item);
  }

  #tell(): number[] {
    const items = [...this.#wished];
    for (const item of items) this.#told.add(item);
    this.#wished.clear();
    return items;
  }

  /** Are the last open items those that are wished? */
  #isEnd(): boolean {
    let found = 0;
    for (let at = this.items.length - 1; at >= 0 && found < this.#wished.size; at--) {
      const { item, isOpen } = this.items[at]!;
      if (!isOpen || this.#told.has(item)) continue;
      if (!this.#wished.has(item)) return false;
      found++;
    }
    return true;
  }

  #indexOf(item: number): number {
    if (this.items[this.#next]?.item === item) return this.#next;
    if (this.#indexes === null) {
      this.#indexes = new Map();
      for (let at = 0; at < this.items.length; at++) this.#indexes.set(this.items[at]!.item, at);
    }
    return this.#indexes.get(item) ?? -1;
  }
}
