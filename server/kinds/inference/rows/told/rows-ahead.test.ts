import { expect, test } from "vitest";
import { accountKey, newAccount, openBlock } from "../../../../checks/account.ts";
import { blockAsked } from "../../../../checks/testing/block-asked.ts";
import { initialState, SETTINGS_DEFAULT } from "../../../../coordinator/state.ts";
import { type RowsAhead, rowsAhead } from "./rows-ahead.ts";

const JOB: RowsAhead = {
  ...{ party: "ann", submitter: "ann", rows: 1_000, answerBound: 1e-3, isStrict: false, isChecked: true },
  ...{ coordinatorRowsMax: null, macsPerQuery: 1e9, rowMs: null },
};
const KEY = accountKey("ann", 1e-3, null);

test("the price falls with the account of whoever asks, in rows and in time, and another's account is no help", () => {
  const state = initialState();
  const asNew = rowsAhead(state, JOB).rows;
  expect(asNew).toMatchObject({ finalBy: "account", rowsThatSuffice: null, rowsMax: null });
  // A row takes 1e9 multiply-adds, of which the coordinator is taken to do a million in a millisecond.
  expect(asNew.coordinatorMs).toBeCloseTo(asNew.coordinatorRows * 1_000, -4);
  expect(rowsAhead(state, { ...JOB, rowMs: 2 }).rows.coordinatorMs).toBeCloseTo(asNew.coordinatorRows * 2, -2);
  state.accounts.set(KEY, { ...newAccount(1e-3), places: 50_000 });
  const asKnown = rowsAhead(state, JOB).rows;
  expect(asKnown.coordinatorRows).toBeLessThan(asNew.coordinatorRows / 4);
  expect(rowsAhead(state, { ...JOB, party: "bob" }).rows).toEqual(asNew);
  expect(rowsAhead(state, { ...JOB, isStrict: true }).rows).toMatchObject({ coordinatorRows: asNew.coordinatorRows });
});

test("it is what the block would be opened with, and asking books nothing", () => {
  const state = initialState();
  const { rows, words } = rowsAhead(state, JOB);
  const opening = openBlock(newAccount(1e-3), blockAsked({ rows: 1_000 }));
  if (!("block" in opening)) throw new Error("expected a block");
  expect(rows.coordinatorRows).toBe(Math.round(opening.block.terms.priceRows));
  expect(words).toContain(`computes about ${rows.coordinatorRows} itself`);
  expect(state.accounts.size).toBe(0);
});

test("too few rows are told how many suffice, where they take the coordinator long; else it computes them", () => {
  const state = initialState();
  const few = { ...JOB, rows: 48 };
  const slow = rowsAhead(state, { ...few, rowMs: 500 });
  expect(slow.rows).toMatchObject({ finalBy: "nobody", promise: null, coordinatorRows: 0 });
  const suffices = slow.rows.rowsThatSuffice!;
  expect(slow.words).toContain(`${suffices} rows in one job would suffice`);
  expect(rowsAhead(state, { ...few, rows: suffices, rowMs: 500 }).rows.finalBy).toBe("account");
  expect(rowsAhead(state, { ...few, rows: suffices - 1, rowMs: 500 }).rows.finalBy).toBe("nobody");
  expect(rowsAhead(state, { ...few, rowMs: 15 }).rows).toMatchObject({ finalBy: "coordinator", coordinatorRows: 48 });
});

test("a cap of submitter or operator below the price is told, and one above it changes nothing", () => {
  const capped = (settings: object, coordinatorRowsMax: number | null) =>
    rowsAhead(initialState({ ...SETTINGS_DEFAULT, ...settings }), { ...JOB, coordinatorRowsMax });
  expect(capped({}, 100).rows).toMatchObject({ finalBy: "nobody", rowsMax: 100, rowsThatSuffice: null });
  expect(capped({}, 100).words).toContain("more rows than the cap on the price allows");
  expect(capped({ auditShareMax: 0.1 }, null).rows).toMatchObject({ finalBy: "nobody", rowsMax: 100 });
  expect(capped({ auditShareMax: 0.9 }, 950).rows).toMatchObject({ finalBy: "account", rowsMax: 900 });
});

test("where other jobs hold what it needs it is told that it waits, with the price that it has then", () => {
  const state = initialState();
  state.accounts.set(KEY, { ...newAccount(1e-3), places: 3_000, held: 3 });
  const { rows, words } = rowsAhead(state, { ...JOB, rows: 48, rowMs: 500 });
  expect(rows.finalBy).toBe("account");
  expect(words).toContain("It begins once other jobs of yours have ended");
});

test("a job that nothing checks has no price and no promise", () => {
  expect(rowsAhead(initialState(), { ...JOB, isChecked: false }).rows).toMatchObject({
    ...{ finalBy: "nobody", coordinatorRows: 0, promise: null },
  });
});
