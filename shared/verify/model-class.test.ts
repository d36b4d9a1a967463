import { expect, test } from "vitest";
import {
  addRows,
  CLASS_ROWS_MIN,
  coarserOf,
  isFineClass,
  judgeBatch,
  measuredClass,
  NOTHING_LOOKED,
} from "./model-class.ts";

const rows = (fine: number, coarse: number, wrong: number) => ({ fine, coarse, wrong });

test("[PC3] float32 is what rows of the model have shown, and what the known question says too", () => {
  expect(measuredClass(NOTHING_LOOKED, "float32")).toBe("float16");
  expect(measuredClass(rows(CLASS_ROWS_MIN - 1, 0, 0), "float32")).toBe("float16");
  expect(measuredClass(rows(CLASS_ROWS_MIN, 0, 0), "float32")).toBe("float32");
  expect(measuredClass(rows(1000, 1, 0), "float32")).toBe("float16");
  expect(measuredClass(rows(1000, 0, 0), "float16")).toBe("float16");
});

test("[PC10] a back-end whose arithmetic is fixed is what it says once as many rows were, and half precision after one that was not", () => {
  expect(measuredClass(rows(CLASS_ROWS_MIN - 1, 0, 0), "fixed32")).toBe("float16");
  expect(measuredClass(rows(CLASS_ROWS_MIN, 0, 0), "fixed32")).toBe("fixed32");
  expect(measuredClass(rows(1000, 1, 0), "fixed32")).toBe("float16");
  expect(judgeBatch("fixed32", rows(3, 0, 0), rows(7, 1, 0))).toBe("lied");
  expect(judgeBatch("fixed32", rows(3, 0, 0), rows(0, 8, 0))).toBe("coarser");
});

test("[PC10] of two classes the coarser one counts", () => {
  const classes = ["fixed32", "float32", "float16"] as const;
  for (const [i, one] of classes.entries())
    for (const [j, other] of classes.entries()) expect(coarserOf(one, other)).toBe(classes[Math.max(i, j)]);
  expect(classes.map(isFineClass)).toEqual([true, true, false]);
});

test("[PC5] a wrong row beside right ones is a lie, whichever came first", () => {
  expect(judgeBatch("float16", NOTHING_LOOKED, rows(2, 0, 1))).toBe("lied");
  expect(judgeBatch("float16", NOTHING_LOOKED, rows(0, 2, 1))).toBe("lied");
  expect(judgeBatch("float32", rows(3, 0, 0), rows(0, 0, 8))).toBe("lied");
  expect(judgeBatch("float16", rows(0, 0, 1), rows(1, 0, 0))).toBe("lied");
});

test("[PC5] where no row was ever right the device is unfit, once there were enough", () => {
  expect(judgeBatch("float16", NOTHING_LOOKED, rows(0, 0, 1))).toBe("unclear");
  expect(judgeBatch("float16", rows(0, 0, 1), rows(0, 0, 1))).toBe("unclear");
  expect(judgeBatch("float16", rows(0, 0, 2), rows(0, 0, 1))).toBe("unfit");
  expect(judgeBatch("float16", NOTHING_LOOKED, rows(0, 0, 8))).toBe("unfit");
});

test("[PC4] coarse rows are right of what was not measured finer; of what was, all of a batch are the device's, some are a lie", () => {
  expect(judgeBatch("float16", NOTHING_LOOKED, rows(1, 2, 0))).toBe("right");
  expect(judgeBatch("float32", rows(9, 0, 0), rows(0, 8, 0))).toBe("coarser");
  expect(judgeBatch("float32", rows(9, 0, 0), rows(7, 1, 0))).toBe("lied");
  expect(judgeBatch("float32", rows(9, 0, 0), rows(0, 1, 0))).toBe("lied");
});

test("[PC5] whoever lies in a share of its rows is named far more often than taken for broken", () => {
  const share = 0.9;
  const asBroken = share ** 8;
  const unseen = (1 - share) ** CLASS_ROWS_MIN;
  expect(1 - asBroken - unseen).toBeGreaterThan(0.5);
  expect(addRows(rows(1, 2, 3), rows(4, 5, 6))).toEqual(rows(5, 7, 9));
});
