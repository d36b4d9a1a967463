/** How claims begin and end: answered, left out, given back, late, void. */
import type { Books } from "./books.ts";
import type { HeldClaim, HeldItem, Tab } from "./claims.ts";
import { VOID_FACTOR } from "./lateness.ts";
import type { LedgerEffect } from "./words.ts";

/** A partner that has not begun a check within so many median claims is not waited for. */
const CHECK_PATIENCE_CLAIMS = 2;

/**
 * After each late claim its tab gets twice the time for the next: what is late is dropped before it says how long it takes, and a tab that needs longer than
 * is expected of it would be late for ever.
 */
const DOUBLINGS_MAX = 4;

/**
 * When a check that is wanted now is given to another partner, unless it has been begun. Claims are longer later than the first ones are, whose median
 * would make partners late that are at work.
 */
export function checkDueMs(books: Books, nowMs: number): number {
  return nowMs + CHECK_PATIENCE_CLAIMS * Math.max(books.targetMs, books.crowd.lateness.medianClaimMs ?? 0);
}

/** When a check that is begun now is given to another. However slow its partner is, or says to be: a job's end waits for the last of its checks. */
function begunDueMs(books: Books, { dueMs }: HeldClaim, nowMs: number): number {
  return Math.min(dueMs, nowMs + 2 * (checkDueMs(books, nowMs) - nowMs));
}

/** The claim is its tab's: begun at once, or when the one before it has ended. */
export function openClaim(books: Books, tab: Tab, claim: HeldClaim, nowMs: number): void {
  const { crowd, ends } = books;
  const ahead = tab.claims.at(-1);
  books.claims.set(claim.claimId, claim);
  crowd.claimOpened(tab, claim);
  if (ahead === undefined) begin(books, claim, nowMs);
  else {
    claim.endMs = Math.max(nowMs, ahead.endMs) + crowd.msFor(tab, claim.openCount, books.targetMs);
    ends.put(claim);
  }
}

function begin(books: Books, claim: HeldClaim, nowMs: number): void {
  const { crowd, dues, ends } = books;
  const { tab, openCount } = claim;
  const usualMs = crowd.msFor(tab, openCount, books.targetMs);
  const usual = {
    ownMs: tab.pace > 0 ? usualMs : null,
    likelyMs: crowd.paceOf(tab) > 0 ? usualMs : null,
    isMeasured: tab.isMeasured,
  };
  const patience = 2 ** Math.min(tab.lateInTurn, DOUBLINGS_MAX);
  const lateAfterMs = patience * crowd.lateness.lateAfterMs(openCount, usual, books.targetMs) + tab.setUpMs;
  claim.begunMs = nowMs;
  claim.endMs = nowMs + usualMs;
  claim.dueMs = nowMs + lateAfterMs;
  claim.voidMs = nowMs + VOID_FACTOR * lateAfterMs;
  dues.put(claim);
  ends.put(claim);
  for (const { item, reason, isOpen } of claim.items) {
    if (reason !== "check" && reason !== "known") break;
    if (isOpen && reason === "check") books.checks.begun(claim.volunteer, item, begunDueMs(books, claim, nowMs));
  }
}

/** After some items were answered: when the rest should end, as fast as these were. */
export function expectRest(books: Books, claim: HeldClaim, nowMs: number): void {
  if (claim.begunMs === null || claim.isLate || nowMs <= claim.begunMs) return;
  const rest = Math.max(0, claim.openCount - claim.given.size);
  claim.endMs = Math.max(claim.endMs, nowMs + (rest * (nowMs - claim.begunMs)) / claim.answeredCount);
  if (claim.tail > 0) books.ends.put(claim);
}

/** Ends a claim that has nothing open. The one behind it begins. */
export function endClaim(books: Books, claim: HeldClaim, nowMs: number, effects: LedgerEffect[]): void {
  const { crowd, claims, dues, ends } = books;
  const { tab, begunMs, answeredCount } = claim;
  claims.delete(claim.claimId);
  dues.delete(claim);
  ends.delete(claim);
  crowd.claimEnded(tab, claim);
  effects.push({ type: "ended", claim });
  if (answeredCount > 0 && !claim.isLate) crowd.volunteers.at(claim.volunteer).isSilent = false;
  if (begunMs !== null && nowMs > begunMs && tab.setUpMs === 0 && measuresTab(claim)) {
    crowd.measure(tab, answeredCount, nowMs - begunMs);
  }
  if (begunMs !== null) tab.lateInTurn = claim.isLate ? tab.lateInTurn + 1 : 0;
  if (begunMs !== null && answeredCount > 0) tab.setUpMs = 0;
  const next = tab.claims[0];
  if (next !== undefined && next.begunMs === null) begin(books, next, nowMs);
}

/**
 * Whole claims measure their tab. A late one, whose rows went to others, does by what it answered: of a tab of which little is known, or that was late
 * before. One slow claim of a tab that is usually in time would only make the next ones small.
 */
function measuresTab({ tab, isLate, isCut, answeredCount }: HeldClaim): boolean {
  if (!isLate) return !isCut;
  return answeredCount > 0 && (!tab.isMeasured || tab.lateInTurn > 0);
}

/** An item that its claim gives up: it waits again, unless somebody in time has it. @param hasBegun may its tab have begun it? */
function giveUp(books: Books, claim: HeldClaim, held: HeldItem, hasBegun: boolean, effects: LedgerEffect[]): void {
  const { item, reason } = held;
  if (reason === "check" || reason === "known") {
    claim.close(held);
    if (reason === "known") return;
    books.had.note(item, claim.volunteer, hasBegun);
    books.freeCheck(claim.volunteer, item, effects);
    return;
  }
  books.letGo(claim, held);
  books.had.note(item, claim.volunteer, hasBegun);
  books.waitAgain(item);
}

/** The tab has left an item out. @returns whether it did so unasked */
export function leaveOut(books: Books, claim: HeldClaim, held: HeldItem, effects: LedgerEffect[]): boolean {
  const isAsked = claim.mayLeaveOut(held.item);
  claim.isCut = true;
  giveUp(books, claim, held, !isAsked && claim.begunMs !== null, effects);
  return !isAsked;
}

/**
 * Everything that the claim has open waits for others.
 * @param isOwnWish did the tab fail, leave or give it back?
 */
export function releaseClaim(
  books: Books,
  claim: HeldClaim,
  nowMs: number,
  isOwnWish: boolean,
  effects: LedgerEffect[],
): void {
  const hasBegun = claim.begunMs !== null;
  let gaveBack = 0;
  for (const held of claim.items) {
    books.visits++;
    if (!held.isOpen) continue;
    if (!claim.mayLeaveOut(held.item)) gaveBack++;
    giveUp(books, claim, held, hasBegun, effects);
  }
  claim.isCut = true;
  endClaim(books, claim, nowMs, effects);
  if (isOwnWish) gaveBackItems(books, claim, gaveBack, effects);
}

/** [AS7] Choosing rows is not free. */
export function gaveBackItems(books: Books, claim: HeldClaim, count: number, effects: LedgerEffect[]): void {
  const { volunteer, volunteerId } = claim;
  if (count > 0 && books.crowd.volunteers.gaveBackItems(volunteer, count)) {
    effects.push({ type: "rest", volunteerId, why: "gaveBack" });
  }
}

/** The session has no claim any more, and takes none. Nothing waits for a volunteer that is gone. */
export function leaveLedger(books: Books, tab: Tab, nowMs: number, isOwnWish: boolean, effects: LedgerEffect[]): void {
  for (const claim of tab.claims.toReversed()) releaseClaim(books, claim, nowMs, isOwnWish, effects);
  if (!books.crowd.leave(tab)) return;
  for (const { place, attempt } of books.checks.drain(tab.volunteer)) {
    effects.push({ type: "checkFree", place, attempt, notBy: tab.volunteerId });
  }
}

/** What is due by now: claims that are late or void, checks that nobody began or that take too long. */
export function whatIsDue(books: Books, nowMs: number, effects: LedgerEffect[]): void {
  for (let claim = books.dues.first; claim !== null && dueOf(claim) <= nowMs; claim = books.dues.first) {
    books.visits++;
    if (claim.isLate) voidClaim(books, claim, nowMs, effects);
    else lateClaim(books, claim, nowMs, effects);
  }
  for (let word = books.checks.overdue(nowMs); word !== null; word = books.checks.overdue(nowMs)) {
    books.visits++;
    const { place, attempt } = word;
    effects.push({ type: "checkFree", place, attempt, notBy: books.nameOf(word.partner) });
  }
}

export function dueOf(claim: HeldClaim): number {
  return claim.isLate ? claim.voidMs : claim.dueMs;
}

/**
 * Its rows wait again. Its tab may still be first with those that it has begun, and leaves the others out: what is slow about a claim is often over with
 * it, and what two tabs compute is lost. Its checks are given to others: words of late partners are surplus.
 */
function lateClaim(books: Books, claim: HeldClaim, nowMs: number, effects: LedgerEffect[]): void {
  claim.isLate = true;
  books.dues.put(claim);
  books.ends.delete(claim);
  books.crowd.volunteers.at(claim.volunteer).isSilent = true;
  effects.push({ type: "late", claim });
  for (const { item, reason, isOpen } of claim.items) {
    books.visits++;
    if (!isOpen || reason === "known") continue;
    books.had.note(item, claim.volunteer, true);
    if (reason === "check") books.freeCheck(claim.volunteer, item, effects);
    else books.waitAgain(item);
  }
  tellRest(claim, effects);
  // What it has not begun it does not begin.
  for (const ahead of claim.tab.claims.slice(1).reverse()) {
    tellRest(ahead, effects);
    releaseClaim(books, ahead, nowMs, false, effects);
  }
}

function tellRest(claim: HeldClaim, effects: LedgerEffect[]): void {
  const items = claim.wishRest();
  if (items.length > 0) effects.push({ type: "drop", claim, items });
}

/** [AS6, AS7] Its session leaves, its volunteer rests. */
function voidClaim(books: Books, claim: HeldClaim, nowMs: number, effects: LedgerEffect[]): void {
  effects.push({ type: "void", claim });
  effects.push({ type: "rest", volunteerId: claim.volunteerId, why: "silent" });
  leaveLedger(books, claim.tab, nowMs, false, effects);
}
