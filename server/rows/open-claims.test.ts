import { expect, test } from "vitest";
import { CLAIM_SIZES, claimRows } from "./claim-size.ts";
import { RowLedger } from "./ledger.ts";
import { UNCODED } from "./words.ts";

const ASKING = { pace: 0.1, crowdPace: 0.1, wasSilent: false, tabs: 12, waiting: 60, isOpenJob: true, besideRowsMs: 0 };

test("of an open job a tab takes what waits over the tabs that idle, or over a quarter of all where fewer do", () => {
  const rowsOf = (idleTabs: number) => claimRows({ ...ASKING, idleTabs }, CLAIM_SIZES);
  expect([12, 10, 6, 1, 0].map(rowsOf)).toEqual([5, 6, 10, 20, 20]);
});

test("a last row is copied by a tab that has it in less than half of the time, and by no other", () => {
  const copied = (rowsPerMs: number) => {
    const ledger = new RowLedger({ rowCount: 1, rule: UNCODED, orderKey: null });
    ledger.join({ sessionId: "holder", volunteerId: "holder", rowsPerMs: 0.01 });
    ledger.join({ sessionId: "idle", volunteerId: "idle", rowsPerMs });
    ledger.take("holder", 0);
    return ledger.take("idle", 0)?.items.map(({ reason }) => reason) ?? [];
  };
  expect([copied(0.019), copied(0.021)]).toEqual([[], ["beside"]]);
});
