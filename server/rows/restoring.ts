/**
 * After a restart the ledger is made of the answers that were durable. Claims are forgotten. What was handed out without a durable answer waits again:
 * all rows that come in the order before the last one that a volunteer answered. Mixtures are never durable: those that are needed wait too.
 */
import type { Books } from "./books.ts";
import { COORDINATOR } from "./row-states.ts";
import { mixtureItem, type RestoredRow } from "./words.ts";

/** @throws RangeError where a place is none, or told twice */
export function restoreRows(books: Books, answered: Iterable<RestoredRow>): void {
  const { rows, crowd } = books;
  let end = 0;
  for (const { place, attempt, author, isFinal } of answered) {
    if (!rows.has(place) || rows.isStanding(place)) {
      throw new RangeError(`RowLedger: expected a place below ${rows.count} once, got ${place}`);
    }
    const volunteer = author === null ? COORDINATOR : crowd.volunteers.numberOf(author);
    rows.restore(place, volunteer, attempt, isFinal || author === null);
    crowd.volunteers.stands(volunteer, 1);
    books.fresh--;
    if (author !== null) end = Math.max(end, books.positionOf(place) + 1);
  }
  while (books.bands.nextPosition < end) {
    const from = books.bands.nextPosition;
    if (!books.bands.openNext(books.rows.count, !books.isOpen) && !books.bands.openNext(books.rows.count, true)) return;
    waitAgainFrom(books, from);
  }
}

/** Of the band, or of the part of it, that begins there. */
function waitAgainFrom(books: Books, from: number): void {
  const { bands, groups, rows } = books;
  const { rule, firstGroup, firstPosition } = bands.exhaustLatest()!;
  for (let position = from; position < bands.nextPosition; position++) {
    const place = books.placeAt(position);
    if (rows.isStanding(place)) {
      const group = books.groupOf(place);
      if (group !== null) groups.rowIn(group);
    } else if (rule.goesOutPlain) {
      books.fresh--;
      books.again.push(place, null);
    }
  }
  if (!bands.hasCodes) return;
  for (let position = from; position < bands.nextPosition; position += rule.rows) {
    const group = bands.group(firstGroup + Math.floor((position - firstPosition) / rule.rows));
    if (group === null) return;
    const { firstPosition: first, endPosition } = group;
    let standing = 0;
    for (let at = first; at < endPosition; at++) if (rows.isStanding(books.placeAt(at))) standing++;
    if (standing === endPosition - first) groups.settle(group);
    else if (!rule.goesOutPlain || rule.apart === "votes") {
      for (let index = 0; index < rule.mixtures; index++) books.again.push(mixtureItem(group.number, index), null);
    }
  }
}
