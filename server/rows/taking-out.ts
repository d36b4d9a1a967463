/** Rule 6: an answer that does not stand any more. Its row waits again with the next attempt; an answer for an earlier one changes no row. */
import type { Books } from "./books.ts";
import { countAnswered, type Group, mixtureAuthor, setMixture } from "./groups.ts";
import { CODE, NO_VOLUNTEER } from "./row-states.ts";
import { indexOfMixture, isMixture, mixtureItem } from "./words.ts";

/** @param isNamed was its author named? Then it waits for established volunteers. @returns whether it stood */
export function takeOut(books: Books, item: number, isNamed: boolean): boolean {
  books.visits++;
  return isMixture(item) ? mixtureOut(books, item) : rowOut(books, item, isNamed);
}

function rowOut(books: Books, place: number, isNamed: boolean): boolean {
  const { rows } = books;
  const group = books.groupOf(place);
  if (!rows.has(place) || !rows.isStanding(place)) return false;
  const author = rows.authorOf(place);
  // A row that does not go out as it is comes again with its group's mixtures: what the code answered with these alone.
  const isPlain = group?.rule.goesOutPlain !== false;
  if (!isPlain && author < 0) return false;
  if (author >= 0) books.had.note(place, author, true);
  rows.takeOut(place, Math.max(rows.attemptOf(place) + 1, books.firstAttempt), isNamed);
  if (books.positionOf(place) >= books.bands.nextPosition) {
    // Its band is not open yet: its turn is still to come.
    books.fresh++;
    return true;
  }
  if (isPlain) books.waitAgain(place);
  else books.fresh++;
  if (group === null) return true;
  const wasDecodable = group.isDecodable;
  if (isPlain) estimatesOut(books, group);
  if (author === CODE) return true;
  group.isSettled = false;
  countAnswered(group, -1);
  if (!isPlain && wasDecodable && !group.isDecodable) copiesWaitAgain(books, group);
  if (isPlain && group.rule.apart === "votes" && !group.isDecodable) copiesWaitAgain(books, group);
  return true;
}

/** [SC4] What was estimated with a member that does not stand any more: its rows are asked for themselves. */
function estimatesOut(books: Books, { firstPosition, endPosition }: Group): void {
  const { rows } = books;
  for (let position = firstPosition; position < endPosition; position++) {
    books.visits++;
    const place = books.placeAt(position);
    if (rows.authorOf(place) !== CODE) continue;
    rows.takeOut(place, Math.max(rows.attemptOf(place) + 1, books.firstAttempt), false);
    books.waitAgain(place);
  }
}

/** Copies whose turn was passed over while the group had no need of them. */
function copiesWaitAgain(books: Books, group: Group): void {
  for (let index = 0; index < group.rule.mixtures; index++) {
    const isGone = books.bands.hasGone(group, group.rule.rows + index);
    if (isGone && mixtureAuthor(group, index) === NO_VOLUNTEER) books.waitAgain(mixtureItem(group.number, index));
  }
}

function mixtureOut(books: Books, item: number): boolean {
  const { rows } = books;
  const group = books.groupOf(item);
  const index = indexOfMixture(item);
  const author = group === null ? NO_VOLUNTEER : mixtureAuthor(group, index);
  if (group === null || author === NO_VOLUNTEER) return false;
  books.had.note(item, author, true);
  const wasDecodable = group.isDecodable;
  setMixture(group, index, NO_VOLUNTEER);
  if (group.rule.goesOutPlain) estimatesOut(books, group);
  const isLost = wasDecodable && !group.isDecodable && !group.rule.goesOutPlain;
  for (let position = group.firstPosition; isLost && position < group.endPosition; position++) {
    const place = books.placeAt(position);
    if (rows.authorOf(place) !== CODE) continue;
    rows.takeOut(place, Math.max(rows.attemptOf(place) + 1, books.firstAttempt), false);
    books.fresh++;
  }
  books.waitAgain(item);
  return true;
}
