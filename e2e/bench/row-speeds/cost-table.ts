/** What the ledger costs, by sessions and rows. */

import { UNCODED } from "../../../server/rows/words.ts";
import { atMost, type Goal } from "../goals.ts";
import type { Column } from "../measurement.ts";
import type { Section } from "./jobs-tables.ts";
import { COST_SIZES, ledgerCost } from "./ledger-cost.ts";
import { withMixtures } from "./ledger-runs.ts";

const SCHEMES = { plain: UNCODED, "4 + 2 mixtures": withMixtures(4, 2) } as const;
const MICROSECONDS_ASKED = 10;

export function costSection(): Section {
  const goals: Goal[] = [];
  const rows = Object.entries(SCHEMES).flatMap(([scheme, rule]) =>
    COST_SIZES.map(({ sessions, rows: rowCount }) => {
      const cost = ledgerCost(rule, sessions, rowCount);
      const name = `${scheme}, ${sessions} sessions, ${rowCount} rows`;
      goals.push(atMost(`${name}: us a call`, MICROSECONDS_ASKED, cost.microsecondsACall));
      goals.push(atMost(`${name}: largest part of the bound of visits`, 1, cost.worstOfBound));
      return { scheme, sessions, rows: rowCount, ...cost };
    }),
  );
  const columns: Column[] = [
    { key: "scheme", title: "ledger" },
    { key: "sessions", title: "sessions" },
    { key: "rows", title: "rows" },
    { key: "calls", title: "calls" },
    { key: "rowsACall", title: "rows a call", digits: 1 },
    { key: "microsecondsACall", title: "us a call", digits: 1 },
    { key: "microsecondsARow", title: "us a row", digits: 2 },
    { key: "visitsARow", title: "visits a row", digits: 2 },
    { key: "worstOfBound", title: "of the bound", digits: 2 },
  ];
  const notes = [
    "All sessions take, each answers its claim whole when its pace (5 to 24 rows a second) says, and again. of the bound: the largest part of 40 (K+S+1) + 6 items that one call visited. Processor time, user and system.",
  ];
  return { table: { name: "cost", title: "Cost of a call", columns, rows, notes }, goals };
}
