/**
 * After a restart the ledger is made of the answers that were durable. Claims are forgotten. What was handed out without a durable answer waits again:
 * all rows that come in the order before the last one that a volunteer answered. Mixtures are never durable: those that are needed wait too.
 */
import type { Books } from "./books.ts";
import { isGroupDone } from "./groups.ts";
import { BY_COORDINATOR, CODE } from "./row-states.ts";
import { mixtureItem, type RestoredRow } from "./words.ts";

/** @throws RangeError where a place is none, or told twice */
export function restoreRows(books: Books, answered: Iterable<RestoredRow>): void {
  const { rows, crowd, bands } = books;
  let end = 0;
  for (const { place, attempt, author, isFinal, isByCode = false } of answered) {
    if (!rows.has(place) || rows.isStanding(place)) {
      throw new RangeError(`RowLedger: expected a place below ${rows.count} once, got ${place}`);
    }
    const other = isByCode ? CODE : BY_COORDINATOR;
    const volunteer = author === null ? other : crowd.volunteers.numberOf(author);
    rows.restore(place, volunteer, attempt, isFinal || volunteer === BY_COORDINATOR);
    books.fresh--;
    books.standsAhead = true;
    if (author !== null) end = Math.max(end, books.positionOf(place) + 1);
  }
  for (let from = 0; from < end; from = bands.nextPosition) {
    if (!books.openBand() && !bands.openNext(rows.count, true)) return;
    waitAgain(books, from, end);
  }
}

/** Of the band, or of the part of it, that begins at a position: what was handed out before `endPosition`. */
function waitAgain(books: Books, from: number, endPosition: number): void {
  const { bands, rows } = books;
  const { rule, end } = bands.passLatest(endPosition);
  for (let position = from; position < end; position++) {
    const group = bands.groupAt(position);
    const place = books.placeAt(position);
    if (rule.goesOutPlain && !rows.isStanding(place)) {
      books.fresh--;
      books.again.push(place, null);
    }
    const isNext = group !== null && position === group.firstPosition;
    if (!isNext || isGroupDone(group) || (rule.goesOutPlain && rule.apart !== "votes")) continue;
    for (let index = 0; index < rule.mixtures; index++) books.again.push(mixtureItem(group.number, index), null);
  }
}
