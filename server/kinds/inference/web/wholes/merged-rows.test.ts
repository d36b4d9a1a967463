/** [CE12] Rows of the parts of a job, said together. */
import { expect, test } from "vitest";
import type { RowsView } from "../../../../../shared/kinds/inference/rows-view.ts";
import { mergedRows, mergedRowsReceipt } from "./merged-rows.ts";

const ENDED: RowsView = {
  ...{ waiting: null, notFinalForMs: null, coordinatorRows: 20, price: { toldRows: 18, rows: 25, duplicateRows: 2 } },
  ...{
    blocks: { opened: 2, certified: 1 },
    isStrict: false,
    promise: "At most so many.",
    raised: "20 are asked again.",
  },
  ...{ refused: null, rowsThatSuffice: null },
};
const AT_WORK: RowsView = {
  ...ENDED,
  waiting: { fresh: 5, again: 1, checks: 2, coordinator: 3, claims: 4 },
  ...{ notFinalForMs: 70, coordinatorRows: 7, price: null, blocks: { opened: 0, certified: 0 } },
  ...{ promise: null, raised: null, refused: "30 rows have no bound.", rowsThatSuffice: 180 },
};

test("[CE12] counts are sums, and what is not known of a part does not hide what is known of others", () => {
  expect(mergedRows([ENDED, AT_WORK, { ...AT_WORK, notFinalForMs: 90 }])).toEqual({
    waiting: { fresh: 10, again: 2, checks: 4, coordinator: 6, claims: 8 },
    ...{ notFinalForMs: 90, coordinatorRows: 34, price: ENDED.price, blocks: ENDED.blocks, isStrict: false },
    ...{ promise: "At most so many.", raised: "Part 0: 20 are asked again.", rowsThatSuffice: 180 },
    refused: "Part 1: 30 rows have no bound. So it is of 1 part more.",
  });
  expect(mergedRows([ENDED, ENDED])).toMatchObject({
    ...{ waiting: null, notFinalForMs: null, refused: null, rowsThatSuffice: null },
    price: { toldRows: 36, rows: 50, duplicateRows: 4 },
  });
});

test("[CK2] what an attacker can do in one job it can do in each part: the promise says so, unless each part has an account of its own", () => {
  expect(mergedRows([ENDED, ENDED]).promise).toBe("At most so many. Each of its 2 parts counts as a job here.");
  const strict = { ...ENDED, isStrict: true };
  expect(mergedRows([strict, strict]).promise).toBe("At most so many.");
  const receipt = { promise: null, isStrict: false, blocks: [] };
  expect(mergedRowsReceipt([receipt, { ...receipt, promise: "So." }])).toEqual({ ...receipt, promise: "So." });
});
