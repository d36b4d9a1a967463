/** Sentences about jobs on the ledger of rows, the same on pages and in the terminal. Light: no schema. */
import { duration } from "../../numbers/duration.ts";
import type { RowsEstimate, RowsView, RowsWaiting } from "./rows-view.ts";

/** @example rowsCount(1) // -> "1 row" */
export function rowsCount(rows: number): string {
  return `${grouped(rows)} ${rows === 1 ? "row" : "rows"}`;
}

/**
 * For what rows wait, by reason; what nothing waits for is left out.
 * @returns empty: nothing waits
 * @example waitingInWords({ fresh: 1_200, again: 3, checks: 0, coordinator: 1, claims: 5 })
 * // -> "1,200 not asked yet, 3 asked again, 1 at the coordinator; 5 claims are out"
 */
export function waitingInWords({ fresh, again, checks, coordinator, claims }: RowsWaiting): string {
  const rows = [
    [fresh, "not asked yet"],
    [again, "asked again"],
    [checks, "for a second word"],
    [coordinator, "at the coordinator"],
  ] as const;
  const waiting = rows.flatMap(([count, why]) => (count === 0 ? [] : [`${grouped(count)} ${why}`])).join(", ");
  const out = claims === 0 ? "" : `${grouped(claims)} ${claims === 1 ? "claim is" : "claims are"} out`;
  return [waiting, out].filter((part) => part !== "").join("; ");
}

/**
 * What the coordinator computed, beside what was told before.
 * @example
 * trustedInWords({ coordinatorRows: 120, price: { toldRows: 490, rows: 610, duplicateRows: 0 } }, 1_000)
 * // -> "120 rows, 12 % of all; told before: about 490, and 610 since a naming"
 */
export function trustedInWords(
  { coordinatorRows, price }: Pick<RowsView, "coordinatorRows" | "price">,
  rowsOfJob: number,
): string {
  const share = rowsOfJob === 0 ? "" : `, ${Number(((100 * coordinatorRows) / rowsOfJob).toPrecision(2))} % of all`;
  const told = price === null ? "" : `; told before: about ${grouped(price.toldRows)}`;
  const raised = price === null || price.rows === price.toldRows ? "" : `, and ${grouped(price.rows)} since a naming`;
  return `${rowsCount(coordinatorRows)}${share}${told}${raised}`;
}

/**
 * What checks would cost, and who makes answers final.
 * @example
 * checksAheadInWords({ finalBy: "nobody", rowsThatSuffice: 177, rowsMax: null, coordinatorRows: 0, coordinatorMs: 0, duplicateRows: 0, promise: null })
 * // -> "too few rows: answers would not be final; 177 rows in one job would suffice"
 */
export function checksAheadInWords({
  finalBy,
  coordinatorRows,
  coordinatorMs,
  duplicateRows,
  rowsThatSuffice,
  rowsMax,
}: RowsEstimate): string {
  const time = `, about ${duration(coordinatorMs)}`;
  switch (finalBy) {
    case "account": {
      const twice = duplicateRows === 0 ? "" : `; tabs answer ${grouped(duplicateRows)} twice`;
      return `the coordinator computes about ${rowsCount(coordinatorRows)}${time}${twice}`;
    }
    case "coordinator":
      return `the coordinator computes all ${rowsCount(coordinatorRows)} itself${time}`;
    case "nobody":
      if (rowsThatSuffice !== null)
        return `too few rows: answers would not be final; ${rowsCount(rowsThatSuffice)} in one job would suffice`;
      return rowsMax === null
        ? "answers would not be final"
        : `more than ${rowsCount(rowsMax)} of the coordinator, which is the cap: answers would not be final`;
  }
}

/** By hand, as pages do: the first number that a browser writes in a language's manner takes it 25 ms. */
function grouped(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ",");
}
