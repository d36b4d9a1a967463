/** What an answer does: it stands, is a second word, or comes after another one. */
import type { Books } from "./books.ts";
import type { HeldClaim, HeldItem } from "./claims.ts";
import {
  countAnswered,
  type Group,
  isGroupDone,
  memberCounts,
  mixtureAttempt,
  mixtureAuthor,
  setMixture,
  settleGroup,
} from "./groups.ts";
import { BY_COORDINATOR, CODE, NO_VOLUNTEER } from "./row-states.ts";
import { indexOfMixture, isMixture, type LedgerEffect } from "./words.ts";

/** Takes in the answer to an item that the claim has open. */
export function takeAnswer(books: Books, claim: HeldClaim, held: HeldItem, effects: LedgerEffect[]): void {
  const { item, reason } = held;
  const { volunteerId } = claim;
  if (reason === "known") {
    claim.close(held);
    effects.push({ type: "known", claim, place: item, volunteerId });
  } else if (reason === "check") {
    claim.close(held);
    secondWord(books, claim, held, effects);
  } else {
    books.letGo(claim, held);
    if (isMixture(item)) mixtureIn(books, claim, held, held.group!, effects);
    else rowIn(books, claim, held, effects);
  }
}

function secondWord(books: Books, claim: HeldClaim, held: HeldItem, effects: LedgerEffect[]): void {
  const { item: place, attempt } = held;
  books.had.note(place, claim.volunteer, true);
  const word = books.checks.settle(claim.volunteer, place);
  if (word === null || word.attempt !== attempt) surplus(books, claim, held, effects);
  else {
    const author = books.nameOf(word.author);
    effects.push({ type: "secondWord", claim, place, attempt, author, volunteerId: claim.volunteerId });
  }
}

function surplus(books: Books, claim: HeldClaim, { item: place, attempt }: HeldItem, effects: LedgerEffect[]): void {
  const standing = books.rows.authorOf(place);
  const author = standing >= 0 ? books.nameOf(standing) : null;
  effects.push({ type: "surplus", claim, place, attempt, author, volunteerId: claim.volunteerId });
}

function rowIn(books: Books, claim: HeldClaim, held: HeldItem, effects: LedgerEffect[]): void {
  const { item: place, attempt, group } = held;
  const { rows } = books;
  if ((rows.isStanding(place) && !isEstimateOf(books, claim, held)) || rows.attemptOf(place) !== attempt) {
    books.had.note(place, claim.volunteer, true);
    surplus(books, claim, held, effects);
    return;
  }
  stand(books, place, claim.volunteer, false, false);
  effects.push({ type: "accepted", claim, place, attempt, volunteerId: claim.volunteerId });
  books.wishOut(place, effects);
  if (group === null) return;
  memberCounts(group, claim.volunteer);
  if (countAnswered(group, 1)) decodable(books, group, effects);
}

/** Does the code answer the row, that its tab has begun and is in time with? Then its own answer stands instead. */
function isEstimateOf({ rows }: Books, { isLate }: HeldClaim, { item: place, group }: HeldItem): boolean {
  return !isLate && group?.rule.goesOutPlain === true && rows.authorOf(place) === CODE;
}

/** The code answers rows that go out as they are: nobody is asked for them any more, until what they were estimated from is taken out. */
export function standByCode(books: Books, places: readonly number[], effects: LedgerEffect[]): void {
  for (const place of places) {
    books.visits++;
    if (books.groupOf(place)?.rule.goesOutPlain !== true || books.rows.isStanding(place)) continue;
    stand(books, place, CODE, false, books.isFresh(place));
    books.wishOut(place, effects);
  }
}

/** The row's answer is this author's from now on, whoever has it open or waits for it. @param isFresh was nobody asked for it before? */
function stand(books: Books, place: number, author: number, isFinal: boolean, isFresh: boolean): void {
  if (isFresh) books.fresh--;
  books.waitsNoMore(place);
  books.holders.makeRoom(place);
  books.rows.setStanding(place, author, isFinal);
}

/** The coordinator computed the row. */
export function makeExact(books: Books, place: number, effects: LedgerEffect[]): void {
  if (books.isFresh(place)) books.standsAhead = true;
  const wasStanding = books.rows.isStanding(place) && books.rows.authorOf(place) !== CODE;
  // Before it stands: a group that is looked at for the first time counts what stands.
  const group = books.groupOf(place);
  stand(books, place, BY_COORDINATOR, true, books.isFresh(place));
  books.wishOut(place, effects);
  if (group === null) return;
  if (!wasStanding && countAnswered(group, 1)) decodable(books, group, effects);
  if (isExact(books, group)) settleGroup(group);
}

/** Did the coordinator compute all of its rows? */
function isExact(books: Books, { firstPosition, endPosition }: Group): boolean {
  for (let position = firstPosition; position < endPosition; position++) {
    books.visits++;
    if (books.rows.authorOf(books.placeAt(position)) !== BY_COORDINATOR) return false;
  }
  return true;
}

/** One of a group that is done, or for which somebody else was first, is of no use. */
function mixtureIn(books: Books, claim: HeldClaim, held: HeldItem, group: Group, effects: LedgerEffect[]): void {
  const { item, attempt } = held;
  const index = indexOfMixture(item);
  if (mixtureAuthor(group, index) !== NO_VOLUNTEER || mixtureAttempt(group, item) !== attempt) return;
  if (group.rule.goesOutPlain && isGroupDone(group)) return;
  books.waitsNoMore(item);
  const { volunteerId, volunteer } = claim;
  effects.push({ type: "mixture", claim, group: group.number, index, attempt, volunteerId });
  books.wishOut(item, effects);
  memberCounts(group, volunteer);
  if (setMixture(group, index, volunteer)) decodable(books, group, effects);
}

/** Where rows do not go out as they are, those without an answer are answered by the code. */
function decodable(books: Books, group: Group, effects: LedgerEffect[]): void {
  const missing: number[] = [];
  const isWhole = group.rowsIn === group.endPosition - group.firstPosition;
  for (let position = group.firstPosition; !isWhole && position < group.endPosition; position++) {
    books.visits++;
    const place = books.placeAt(position);
    if (!books.rows.isStanding(place)) missing.push(place);
  }
  effects.push({ type: "decodable", group: group.number, missing });
  if (group.rule.goesOutPlain) return;
  for (const place of missing) stand(books, place, CODE, false, books.isFresh(place));
}
