import { expect, test } from "vitest";
import { BATCH_BYTES_MAX } from "../../../../../shared/protocol/limits.ts";
import { RowLedger } from "../../../../rows/ledger.ts";
import { UNCODED } from "../../../../rows/words.ts";
import { rowsOfClaimMax } from "./claim-rows.ts";

test("[RW2] [LJ1] a claim of a fast tab fits in a message, however wide its rows or its answers are", () => {
  for (const [inputSize, outputSize] of [
    [784, 10],
    [150_528, 1_000],
    [10, 1_000_000],
    [2 ** 24, 1],
  ] as const) {
    const rowsMax = rowsOfClaimMax({ inputSize, outputSize });
    expect(rowsMax * 4 * Math.max(inputSize, outputSize)).toBeLessThanOrEqual(BATCH_BYTES_MAX);
    const ledger = new RowLedger({ rowCount: 60_000, rule: UNCODED, orderKey: null, sizes: { rowsMax } });
    ledger.join({ sessionId: "ann", volunteerId: "ann", rowsPerMs: 1_000 });
    expect(ledger.take("ann", 0)!.items.length).toBe(rowsMax);
  }
  expect(rowsOfClaimMax({ inputSize: 784, outputSize: 10, tabRows: 7 })).toBe(7);
  // A row is not divided.
  expect(rowsOfClaimMax({ inputSize: BATCH_BYTES_MAX, outputSize: 1 })).toBe(1);
});
