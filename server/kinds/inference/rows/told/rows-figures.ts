/** What the metrics say of jobs on the ledger of rows, each figure read when somebody asks for it. Pure. */
import type { CoordinatorState } from "../../../../coordinator/state.ts";
import type { StateFigure } from "../../../../shell/kind-teller.ts";
import { type RowCounts, rowCounts } from "../core/counts.ts";

const perSecond = 1_000;

export const ROW_FIGURES: readonly StateFigure[] = [
  {
    name: "paritab_rows_waiting",
    help: "Rows of jobs on the ledger that wait, by reason: fresh, again (the holder failed, left or is late), check (a second word), coordinator (it is to compute them)",
    labels: "reason",
    valuesIn: (state) => Object.entries(rowCounts(state).waiting),
  },
  figure("paritab_row_claims_out", "Claims of rows that are out at tabs", ({ claims }) => claims),
  figure(
    "paritab_row_oldest_not_final_seconds",
    "For how long the oldest answer of jobs on the ledger that is not final has been there; 0: there is none",
    ({ oldestNotFinalMs }, nowMs) =>
      oldestNotFinalMs === null ? 0 : Math.max(0, nowMs - oldestNotFinalMs) / perSecond,
  ),
  {
    name: "paritab_rows_checked",
    help: "Of jobs on the ledger that are at work: rows with an answer, rows that the coordinator computed (trusted), those that it was told to cost (priced), and second answers of tabs (duplicates)",
    labels: "what",
    valuesIn(state) {
      const { answeredRows, trustedRows, pricedRows, duplicateRows } = rowCounts(state);
      return Object.entries({
        answered: answeredRows,
        trusted: trustedRows,
        priced: pricedRows,
        duplicates: duplicateRows,
      });
    },
  },
  figure(
    "paritab_namings_last_hour",
    "Volunteers that were named within the last hour",
    (counts) => counts.namingsLastHour,
  ),
];

function figure(name: string, help: string, of: (counts: RowCounts, nowMs: number) => number): StateFigure {
  return { name, help, labels: null, valuesIn: (state: CoordinatorState) => [["", of(rowCounts(state), state.nowMs)]] };
}
