import { expect, test } from "vitest";
import { run, STREAM_PLANS } from "./stream-attacks.ts";

/** So loose that a stream has several chains, where somebody is named. What is promised is promised on average: of one seed it says nothing. */
const SMALL = { seed: 1, seeds: 2, rows: 1_500, bound: 0.1, progress: () => {} };

const rowsOf = async (only: string, changes: object = {}) => {
  const { rows } = await run({ ...SMALL, only, ...changes });
  return rows as unknown as Record<string, number>[];
};

test.each(["in each ledger what gains most", "restarts", "two streams", "by turns"])(
  "[CC14] a coalition that goes by the ledgers of a stream (%s): it lies, no more is ever wrong and final than its limit, and nobody honest is named",
  async (only) => {
    const [found] = (await rowsOf(only)) as [Record<string, number>];
    expect(found.lies).toBeGreaterThan(10);
    expect(found.everWrong).toBeLessThanOrEqual(found.limit95!);
    expect(found.honestNamed).toBe(0);
    expect(found.ledgers).toBeGreaterThan(1);
  },
  300_000,
);

test("the same seed gives the same row, and a name that no plan has is refused", async () => {
  const once = async () => rowsOf("seam", { rows: 500, seeds: 1 });
  expect(await once()).toEqual(await once());
  await expect(rowsOf("no such plan")).rejects.toThrow(/part of a plan's name/);
  expect(Object.keys(STREAM_PLANS).length).toBeGreaterThan(10);
}, 300_000);
