import { expect, test } from "vitest";
import { run } from "./checked-streams.ts";

/** So loose that such a stream has a full ledger, and a part of another. */
const SMALL = { seed: 1, seeds: 1, volunteers: 20, rows: 600, bound: 0.1, known: 100_000, progress: () => {} };

const rowsOf = async (only: string, rules: readonly ("audits" | "cross-checks" | "chosen")[], changes: object = {}) => {
  const { rows } = await run({ ...SMALL, only, rules, ...changes });
  return rows as unknown as Record<string, number>[];
};

test("[CC14] where nobody lies the coordinator computes few rows of a stream of single rows, and all answers are final", async () => {
  const [audits] = (await rowsOf("nobody lies", ["audits"], { rows: 200 })) as [Record<string, number>];
  // Of several full ledgers.
  const [checked] = (await rowsOf("nobody lies", ["cross-checks"], { rows: 900 })) as [Record<string, number>];
  expect(audits.trustedShare).toBeGreaterThanOrEqual(1);
  expect(checked).toMatchObject({ wrongFinal: 0, finalShare: 1, honestNamed: 0, named: 0 });
  expect(checked.trustedShare).toBeLessThan(0.1);
  expect(checked.duplicateShare).toBeLessThan(0.04);
  expect(checked.finalEarly).toBeGreaterThan(0.5);
  // As its receipt says.
  expect(checked.ledgers).toBeGreaterThan(2);
  expect(checked.certified).toBe(checked.ledgers);
}, 300_000);

test.each(["every row", "one row in a hundred", "waits for half", "bursts"])(
  "[CC14] a fifth of the crowd lies (%s): no more is ever wrong and final than bounds say, and nobody honest is named",
  async (plan) => {
    for (const found of await rowsOf(plan, ["cross-checks"])) {
      expect(found.everWrongFinal).toBeLessThanOrEqual(found.limit95!);
      expect(found.honestNamed).toBe(0);
    }
  },
  300_000,
);

test("[CC14] as the coordinator chooses, what comes after a naming is audited, and is final", async () => {
  const [found] = await rowsOf("one row in twenty", ["chosen"], { rows: 1_000, bound: 0.05 });
  expect(found!.named).toBeGreaterThan(0);
  expect(found!.everWrongFinal).toBeLessThanOrEqual(found!.limit95!);
  expect(found!.trustedShare).toBeGreaterThan(0.5);
}, 300_000);
