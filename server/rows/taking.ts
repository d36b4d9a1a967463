/** What goes into a claim, in the order of reasons: known rows and checks, what waits again, fresh rows and mixtures, rows beside another claim. */

import type { ItemQueue } from "../../shared/control/item-queue.ts";
import { CLASS_ROWS_MIN } from "../../shared/verify/model-class.ts";
import { type Band, isCoded } from "./bands.ts";
import { takeBeside } from "./beside.ts";
import type { Books } from "./books.ts";
import { claimRows } from "./claim-size.ts";
import type { HeldClaim, Tab } from "./claims.ts";
import { type Group, isGroupDone, mayHaveMember } from "./groups.ts";
import { isOfOtherModel, mayTake } from "./may-take.ts";
import { BY_COORDINATOR } from "./row-states.ts";
import { type MayHave, mixtureItem } from "./words.ts";

/** Of what waits so many items are looked at in vain, and by an idle tab that finds nothing once more. */
const AGAIN_LOOKS = 8;
/** Known rows that measure a device. */
const KNOWN_TO_MEASURE = CLASS_ROWS_MIN;
/** Checks that have become moot, and are passed over. */
const CHECK_LOOKS = 8;

/**
 * Fills a claim. Its size is settled before checks take the place of fresh rows, so that it tells nothing.
 * @param mayHave asked as its type says
 */
export function fillClaim(books: Books, tab: Tab, claim: HeldClaim, nowMs: number, mayHave: MayHave | null): void {
  const settled = sizeFor(books, tab);
  takeKnown(books, claim, settled);
  const size = Math.max(settled, claim.items.length + 1);
  takeChecks(books, claim, size, mayHave);
  const beside = claim.items.length;
  const inVain: number[] = [];
  takeWaiting(books, claim, size, mayHave, inVain);
  if (tab.claims.length > 0 || claim.items.length > beside) return;
  // An idle tab that found nothing takes a second member of a group, and closes one that is not full.
  if (books.bands.hasCodes) takeSecondMembers(books, claim, size, inVain);
  if (claim.items.length === 0 && books.isOpen && books.bands.nextPosition < books.rows.count) {
    books.flushedTo = books.rows.count;
    takeWaiting(books, claim, size, mayHave);
  }
  if (claim.items.length === 0) takeBeside(books, tab, claim, size, nowMs, mayHave);
}

function sizeFor(books: Books, tab: Tab): number {
  const { crowd, checks, again, named } = books;
  const waiting = books.fresh + again.size + named.size + checks.waitingCount;
  const asking = {
    pace: tab.pace,
    crowdPace: crowd.meanPace,
    wasSilent: crowd.volunteers.at(tab.volunteer).isSilent,
    tabs: crowd.tabs,
    idleTabs: crowd.idleTabs,
    waiting,
    isOpenJob: books.isOpen,
    besideRowsMs: crowd.lateness.besideRowsMs,
  };
  return claimRows(asking, books.sizes);
}

/**
 * Half of a claim at most, so that who is measured also works. Of a small one as many as measure a device, and a row beside them: else the second claim
 * of a tab would wait for a third, which it may not have.
 */
function takeKnown(books: Books, claim: HeldClaim, size: number): void {
  const most = Math.max(KNOWN_TO_MEASURE, Math.ceil(size / 2));
  while (claim.items.length < most) {
    const place = books.checks.nextKnown(claim.volunteer);
    if (place === null) return;
    books.visits++;
    if (books.holders.isAt(place, claim.volunteer)) {
      books.checks.know(claim.volunteer, place);
      return;
    }
    claim.add(place, books.rows.attemptOf(place), "known");
  }
}

function takeChecks(books: Books, claim: HeldClaim, size: number, mayHave: MayHave | null): void {
  const { checks, rows } = books;
  const first = checks.firstOf(claim.volunteer);
  // It may have been drawn before it chose the job: what it does not begin others are asked for.
  if (first === null || mayHave?.(first, "check") === false) return;
  const hasOthers = books.fresh + books.again.size + books.named.size > 0;
  const most = Math.min(size, claim.items.length + (hasOthers ? Math.ceil(books.sizes.checkPart * size) : size));
  for (let looks = CHECK_LOOKS; claim.items.length < most && looks > 0; ) {
    const word = checks.next(claim.volunteer);
    if (word === null) return;
    books.visits++;
    const { place, attempt } = word;
    const isExact = rows.authorOf(place) === BY_COORDINATOR && rows.attemptOf(place) === attempt;
    if (isExact || isKnownIn(claim, place)) {
      checks.settle(claim.volunteer, place);
      looks--;
    } else claim.add(place, attempt, "check");
  }
}

function isKnownIn(claim: HeldClaim, place: number): boolean {
  return claim.items.some(({ item, reason }) => item === place && reason === "known");
}

/** @param inVain what was looked at in vain is added to it */
function takeWaiting(
  books: Books,
  claim: HeldClaim,
  size: number,
  mayHave: MayHave | null,
  inVain: number[] = [],
): void {
  const { named, again } = books;
  const mayHaveNamed = named.first !== null && (mayHave === null || mayHave(named.first, "again"));
  if (mayHaveNamed) takeAgain(books, named, claim, size, inVain);
  takeAgain(books, again, claim, size, inVain);
  takeOfBands(books, claim, size, false);
}

/** The oldest first. What this volunteer may not have goes to the end. */
function takeAgain(books: Books, queue: ItemQueue, claim: HeldClaim, size: number, inVain: number[]): void {
  let looks = Math.min(queue.size, AGAIN_LOOKS);
  while (claim.items.length < size && looks > 0) {
    const item = queue.first;
    if (item === null) return;
    books.visits++;
    const group = books.groupOf(item);
    if (mayTake(books, claim, item, group, false)) {
      queue.delete(item);
      books.give(claim, item, "again", group);
      looks = Math.min(looks, queue.size);
    } else {
      queue.toBack(item);
      inVain.push(item);
      looks--;
    }
  }
}

/** An idle tab that found nothing: of what it has just looked at, and of the bands. Others of what waits have their turn with the next tab. */
function takeSecondMembers(books: Books, claim: HeldClaim, size: number, inVain: readonly number[]): void {
  for (const item of inVain) {
    if (claim.items.length >= size) return;
    books.visits++;
    const group = books.groupOf(item);
    if (!books.isWaitingAgain(item) || !mayTake(books, claim, item, group, true)) continue;
    books.waitsNoMore(item);
    books.give(claim, item, "again", group);
  }
  takeOfBands(books, claim, size, true);
}

function takeOfBands(books: Books, claim: HeldClaim, size: number, isIdle: boolean): void {
  const { bands } = books;
  for (let at = 0; claim.items.length < size; at++) {
    if (at >= bands.open.length && !(bands.hasRoom && books.openBand())) break;
    const band = bands.open[at];
    // The latest band has become longer.
    if (band === undefined) {
      at = bands.open.length - 2;
      continue;
    }
    takeOfBand(books, band, claim, size, isIdle);
  }
  bands.dropEmpty();
}

/** Of each lane what comes next, unless this volunteer has another member of its group. */
function takeOfBand(books: Books, band: Band, claim: HeldClaim, size: number, isIdle: boolean): void {
  const { rule, lanes } = band;
  if (!isCoded(rule)) {
    takeOfRows(books, band, claim, size);
    return;
  }
  const first = rule.mixturesFirst === true ? rule.rows : 0;
  for (let turn = 0; turn < lanes.length && claim.items.length < size; turn++) {
    const lane = (first + turn) % lanes.length;
    if (lane < rule.rows && !rule.goesOutPlain) continue;
    takeOfLane(books, band, lane, claim, size, isIdle);
  }
}

/** A band without a code has one lane, and nobody asks who had what of it. */
function takeOfRows(books: Books, band: Band, claim: HeldClaim, size: number): void {
  const { lanes, rows, firstPosition } = band;
  for (; claim.items.length < size && lanes[0]! < rows; lanes[0]!++, band.left--) {
    books.visits++;
    const place = books.placeAt(firstPosition + lanes[0]!);
    if (!books.isFresh(place)) {
      books.passed++;
      continue;
    }
    books.fresh--;
    books.give(claim, place, "fresh", null);
  }
}

function takeOfLane(books: Books, band: Band, lane: number, claim: HeldClaim, size: number, isIdle: boolean): void {
  const { rule, lanes, groups } = band;
  const isRow = lane < rule.rows;
  for (; claim.items.length < size && lanes[lane]! < groups; lanes[lane]!++, band.left--) {
    books.visits++;
    const group = books.bands.groupIn(band, lanes[lane]!);
    const item = isRow ? rowOf(books, group, lane) : mixtureItem(group.number, lane - rule.rows);
    if (item === null || (isRow ? !books.isFresh(item) : isGroupDone(group))) {
      books.passed++;
      continue;
    }
    if (!mayHaveMember(group, claim.volunteer, isIdle) || isOfOtherModel(claim.items, item, group)) return;
    if (isRow) books.fresh--;
    books.give(claim, item, isRow ? "fresh" : "spare", group);
  }
}

/** null: a smaller last group has no such row */
function rowOf(books: Books, { firstPosition, endPosition }: Group, lane: number): number | null {
  const position = firstPosition + lane;
  return position < endPosition ? books.placeAt(position) : null;
}
