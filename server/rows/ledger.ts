/**
 * The ledger of rows: who is asked for which row, and why. Pure: time comes with each call, answers are opaque, what follows is told as effects.
 *
 *     take -> claim          answer, leftOut, release, tick -> effects
 *     takeOut, name          answers that do not stand wait again, with the next attempt
 *     check, know            somebody is asked for a row that has an answer
 *     makeExact, certify     an answer is the coordinator's, or final
 *
 * The ledger knows no class of device, no address and no trust: `check` is told who is the partner, and who may take of a job at all is asked before
 * `take`. Every row that has no answer waits (as fresh, in a band; or again), or is at somebody who is in time.
 */
import { makeExact, standByCode, takeAnswer } from "./answering.ts";
import { Books } from "./books.ts";
import { HeldClaim } from "./claims.ts";
import {
  checkDueMs,
  dueOf,
  endClaim,
  expectRest,
  gaveBackItems,
  leaveLedger,
  leaveOut,
  openClaim,
  releaseClaim,
  whatIsDue,
} from "./endings.ts";
import { restoreRows } from "./restoring.ts";
import { ANSWERED, FINAL, OUT } from "./row-states.ts";
import { fillClaim } from "./taking.ts";
import { takeOut } from "./taking-out.ts";
import type { Joining, LedgerClaim, LedgerCounts, LedgerEffect, LedgerOptions, MayHave, RowState } from "./words.ts";

export class RowLedger {
  readonly #books: Books;

  /** @throws RangeError where a number is none, or an open job has an order */
  constructor(options: LedgerOptions) {
    this.#books = new Books(options);
    if (options.answered !== undefined) restoreRows(this.#books, options.answered);
  }

  /** @throws RangeError where the session has joined, or its pace is none */
  join(tab: Joining): void {
    this.#books.crowd.join(tab);
  }

  /** The session is gone. What it held waits for others, and so do checks if it was its volunteer's last one. */
  leave(sessionId: string, nowMs: number): LedgerEffect[] {
    const effects: LedgerEffect[] = [];
    const tab = this.#books.crowd.tabOf(sessionId);
    if (tab !== null) leaveLedger(this.#books, tab, nowMs, true, effects);
    return effects;
  }

  /** @returns null: nothing for this session now, or it has as much as it may hold */
  take(sessionId: string, nowMs: number, mayHave: MayHave | null = null): LedgerClaim | null {
    const books = this.#books;
    const tab = books.crowd.tabOf(sessionId);
    if (tab === null || tab.claims.length >= books.sizes.claimsPerTab || tab.claims[0]?.isLate === true) return null;
    const claim = new HeldClaim(books.nextClaimId, tab, nowMs);
    // Its items are held as they are chosen, and a row that is out names its claim.
    books.claims.set(claim.claimId, claim);
    fillClaim(books, tab, claim, nowMs, mayHave);
    if (claim.items.length === 0) {
      books.claims.delete(claim.claimId);
      return null;
    }
    books.nextClaimId++;
    openClaim(books, tab, claim, nowMs);
    return claim;
  }

  /** Some items of a claim, any number of times and in any order. What it has not open is passed over; so is a claim that has ended. */
  answer(claimId: number, items: readonly number[], nowMs: number): LedgerEffect[] {
    const books = this.#books;
    const effects: LedgerEffect[] = [];
    const claim = books.claims.get(claimId);
    if (claim === undefined) return effects;
    const before = claim.openCount;
    for (const item of items) {
      books.visits++;
      const held = claim.find(item);
      if (held !== null) takeAnswer(books, claim, held, effects);
    }
    const answered = before - claim.openCount;
    if (answered === 0) return effects;
    claim.answeredCount += answered;
    books.crowd.volunteers.at(claim.volunteer).answered += answered;
    if (claim.openCount === 0) {
      endClaim(books, claim, nowMs, effects);
      return effects;
    }
    expectRest(books, claim, nowMs);
    const wished = claim.wishesLeft();
    if (wished !== null) effects.push({ type: "drop", claim, items: wished });
    return effects;
  }

  /** The tab does not compute these. Rows and mixtures alone: a check or a known row is answered or the claim given back. */
  leftOut(claimId: number, items: readonly number[], nowMs: number): LedgerEffect[] {
    const books = this.#books;
    const effects: LedgerEffect[] = [];
    const claim = books.claims.get(claimId);
    if (claim === undefined) return effects;
    let unasked = 0;
    for (const item of items) {
      books.visits++;
      const held = claim.find(item);
      if (held === null || held.reason === "check" || held.reason === "known") continue;
      if (leaveOut(books, claim, held, effects)) unasked++;
    }
    // A tab that is late without one answer was not at work.
    if (claim.openCount === 0 && claim.isLate && claim.answeredCount === 0) unasked = claim.items.length;
    if (claim.openCount === 0) endClaim(books, claim, nowMs, effects);
    gaveBackItems(books, claim, unasked, effects);
    return effects;
  }

  /** The tab failed at the claim, or gives it back. @param isOwnWish false: it was taken back, which is held against nobody */
  release(claimId: number, nowMs: number, isOwnWish = true): LedgerEffect[] {
    const effects: LedgerEffect[] = [];
    const claim = this.#books.claims.get(claimId);
    if (claim !== undefined) releaseClaim(this.#books, claim, nowMs, isOwnWish, effects);
    return effects;
  }

  /** Carries out what is due by now. */
  tick(nowMs: number): LedgerEffect[] {
    const effects: LedgerEffect[] = [];
    whatIsDue(this.#books, nowMs, effects);
    return effects;
  }

  /** When `tick` has something to do; null: never, as things are. */
  get nextDueMs(): number | null {
    const claim = this.#books.dues.first;
    const check = this.#books.checks.nextDueMs;
    if (claim === null) return check;
    return check === null ? dueOf(claim) : Math.min(dueOf(claim), check);
  }

  /**
   * Answers that do not stand any more: each row waits again with its next attempt. Mixtures too (SC4, and those that were wrong). Checks that were
   * asked for before go on: their second words name the attempt that they are about.
   * @returns how many of the items stood
   */
  takeOut(items: Iterable<number>): number {
    let count = 0;
    for (const item of items) if (takeOut(this.#books, item, false)) count++;
    return count;
  }

  /** The volunteer was wrong beyond doubt. Its sessions leave; all that stands of it waits again, for established volunteers (`take`). */
  name(volunteerId: string, nowMs: number): LedgerEffect[] {
    const books = this.#books;
    const effects: LedgerEffect[] = [];
    const volunteer = books.crowd.volunteers.find(volunteerId);
    if (volunteer === null) return effects;
    for (const tab of books.crowd.tabsOf(volunteer)) leaveLedger(books, tab, nowMs, false, effects);
    const places = [...this.standingOf(volunteerId)];
    const mixtures = [...books.bands.mixturesOf(volunteer)];
    for (const item of [...places, ...mixtures]) takeOut(books, item, true);
    if (places.length + mixtures.length > 0) effects.push({ type: "takenOut", volunteerId, places, mixtures });
    return effects;
  }

  /** The coordinator computed the row, whatever its answer was before. A check of it that lies in a queue is passed over in silence. */
  makeExact(place: number): LedgerEffect[] {
    this.#mustHave("makeExact", place);
    const effects: LedgerEffect[] = [];
    makeExact(this.#books, place, effects);
    return effects;
  }

  /** The code answers these rows of groups whose rows go out as they are. An own answer of a tab that is in time takes the estimate's place. */
  estimate(places: readonly number[]): LedgerEffect[] {
    const effects: LedgerEffect[] = [];
    standByCode(this.#books, places, effects);
    return effects;
  }

  /** Answers of volunteers are final. Those of the code never are, and rows without an answer are passed over. */
  certify(places: Iterable<number> | "all"): void {
    if (places === "all") this.#books.rows.certifyAll();
    else for (const place of places) this.#books.rows.certify(place);
  }

  /**
   * A second word is wanted of this volunteer, with one of its next claims.
   * @returns false: the row has no volunteer's answer, or the volunteer is gone, is its author, had the row before or is asked already
   */
  check(place: number, volunteerId: string, nowMs: number): boolean {
    this.#mustHave("check", place);
    const { rows, crowd, had, holders, checks } = this.#books;
    const author = rows.authorOf(place);
    const partner = crowd.volunteers.find(volunteerId);
    if (author < 0 || partner === null || partner === author || crowd.volunteers.at(partner).sessions === 0)
      return false;
    if (had.hasSeen(place, partner) || holders.isAt(place, partner) || checks.has(partner, place)) return false;
    checks.want({ place, attempt: rows.attemptOf(place), author, partner, dueMs: checkDueMs(this.#books, nowMs) });
    return true;
  }

  /** The volunteer is asked with its next claim for a row whose answer is known. Forgotten when it leaves. */
  know(place: number, volunteerId: string): void {
    this.#mustHave("know", place);
    this.#books.checks.know(this.#books.crowd.volunteers.numberOf(volunteerId), place);
  }

  /** @throws RangeError in a closed job */
  append(count: number): void {
    if (!this.#books.isOpen) throw new RangeError("append: expected an open job, got a closed one");
    this.#books.append(count);
  }

  /** What is there of an open job is a group, though a smaller one: its oldest row has waited long enough. */
  flush(): void {
    this.#books.flushedTo = this.#books.rows.count;
  }

  /** No more rows are appended. */
  close(): void {
    this.#books.isOpen = false;
  }

  stateOf(place: number): RowState {
    this.#mustHave("stateOf", place);
    const state = this.#books.rows.stateOf(place);
    if (state === OUT) return "out";
    if (state === ANSWERED) return "answered";
    return state === FINAL ? "final" : "waiting";
  }

  /** null: nobody, the coordinator (then the row is final) or the code (then it is answered) */
  authorOf(place: number): string | null {
    this.#mustHave("authorOf", place);
    const author = this.#books.rows.authorOf(place);
    return author < 0 ? null : this.#books.nameOf(author);
  }

  attemptOf(place: number): number {
    this.#mustHave("attemptOf", place);
    return this.#books.rows.attemptOf(place);
  }

  /** Places whose answer that stands, final or not, is this volunteer's. A walk over the rows: half a millisecond a million. */
  standingOf(volunteerId: string): Iterable<number> {
    const { crowd, rows } = this.#books;
    const volunteer = crowd.volunteers.find(volunteerId);
    return volunteer === null ? [] : rows.standingOf(volunteer);
  }

  /** null: the row's band has no code, or is not opened yet */
  groupOf(place: number): number | null {
    this.#mustHave("groupOf", place);
    return this.#books.groupOf(place)?.number ?? null;
  }

  /** Places of the rows of a group that was opened with a code, in the order of its members; of none: no places. */
  placesOf(groupNumber: number): number[] {
    const group = this.#books.bands.group(groupNumber);
    if (group === null) return [];
    const { firstPosition, endPosition } = group;
    return Array.from({ length: endPosition - firstPosition }, (_, at) => this.#books.placeAt(firstPosition + at));
  }

  claimOf(claimId: number): LedgerClaim | null {
    return this.#books.claims.get(claimId) ?? null;
  }

  /** The one that it is at first; none of a session that is not here. */
  claimsOf(sessionId: string): readonly LedgerClaim[] {
    return this.#books.crowd.tabOf(sessionId)?.claims ?? [];
  }

  get claims(): Iterable<LedgerClaim> {
    return this.#books.claims.values();
  }

  get counts(): LedgerCounts {
    const { rows, fresh, again, named, checks } = this.#books;
    const waiting = { fresh, again: again.size + named.size, checksWaiting: checks.waitingCount };
    return { rows: rows.count, answered: rows.answered, final: rows.final, ...waiting };
  }

  /** Has every row of a job that is closed an answer, and every vote a majority? */
  get isDone(): boolean {
    const { isOpen, rows, bands } = this.#books;
    return !isOpen && rows.answered === rows.count && bands.votes.undecided === 0;
  }

  /** Steps of loops so far: what calls cost (EV5). Without those `passed` a call has at most 40 (K + S + 1) + 6 for each of its items. */
  get visits(): number {
    return this.#books.visits;
  }

  /** Steps over rows that were made exact, and mixtures whose group was done, before their turn came: once each in a job. */
  get passed(): number {
    return this.#books.passed;
  }

  #mustHave(who: string, place: number): void {
    const { rows } = this.#books;
    if (!rows.has(place)) throw new RangeError(`${who}: expected a place below ${rows.count}, got ${place}`);
  }
}
