import { expect, test } from "vitest";
import type { RowsView } from "../../shared/kinds/inference/rows-view.ts";
import { inferenceViewOf } from "../../shared/kinds/inference/testing/inference-view.ts";
import { namingsLastHour, rowsFigures } from "./figures.ts";

const rows = (changes: Partial<RowsView>): RowsView => ({
  ...{ waiting: null, notFinalForMs: null, coordinatorRows: 0, price: null, blocks: { opened: 0, certified: 0 } },
  ...{ isStrict: false, promise: null, raised: null, refused: null, rowsThatSuffice: null },
  ...changes,
});

test("rows that wait are summed over the jobs on the ledger, the oldest counts, and trusted rows stand beside their price", () => {
  const atWork = rows({
    waiting: { fresh: 5, again: 1, checks: 2, coordinator: 3, claims: 4 },
    ...{ notFinalForMs: 2_000, coordinatorRows: 10, price: { toldRows: 20, rows: 30, duplicateRows: 1 } },
  });
  const other = rows({ waiting: { fresh: 1, again: 0, checks: 0, coordinator: 0, claims: 1 }, notFinalForMs: 500 });
  const jobs = [
    inferenceViewOf("a", { queryCount: 100, rows: atWork }),
    inferenceViewOf("b", { queryCount: 50, rows: other }),
    inferenceViewOf("c", { queryCount: 50, rows: rows({ coordinatorRows: 2 }) }),
    inferenceViewOf("in rounds"),
  ];
  expect(rowsFigures(jobs)).toEqual({
    waiting: { fresh: 6, again: 1, checks: 2, coordinator: 3, claims: 5 },
    ...{ notFinalForMs: 2_000, trustedRows: 12, pricedRows: 30, rows: 200 },
  });
  expect(rowsFigures([inferenceViewOf("in rounds")])).toBeNull();
});

test("of namings those of the last hour count that nobody has taken back", () => {
  const nowMs = 10_000_000;
  const named = (atMs: number) => ({ quarantine: { atMs } }) as never;
  expect(namingsLastHour([named(nowMs - 1), named(nowMs - 3_600_001), { quarantine: null }], nowMs)).toBe(1);
});
