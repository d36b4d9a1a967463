import { expect, test } from "vitest";
import { accountKey, newAccount } from "../../../../checks/account.ts";
import { initialState, SETTINGS_DEFAULT } from "../../../../coordinator/state.ts";
import { type OpenRowsAhead, openRowsAhead } from "./open-rows-ahead.ts";

const JOB: OpenRowsAhead = {
  ...{ party: "ann", submitter: "ann", rows: 1_000, answerBound: 1e-3, isStrict: false, isChecked: true },
  ...{ coordinatorRowsMax: null, macsPerQuery: 1e6, rowMs: null, isAudited: false, finalWithinMs: 3_600_000 },
};
const KEY = accountKey("ann", 1e-3, null);

const shareOf = (job: Partial<OpenRowsAhead>, state = initialState()) => {
  const { rows } = openRowsAhead(state, { ...JOB, ...job });
  return rows.coordinatorRows / (job.rows ?? JOB.rows);
};

test("[CK14] the coordinator computes most of a new submitter's first rows, and of each later window less", () => {
  expect(shareOf({ rows: 100 })).toBeGreaterThan(0.9);
  const shares = [1_000, 10_000, 100_000, 1_000_000].map((rows) => shareOf({ rows }));
  expect(shares).toEqual([...shares].sort((a, b) => b - a));
  expect(shares[2]).toBeLessThan(0.1);
});

test("who has an account pays by it, and a strict stream has one of its own; asking books nothing", () => {
  const state = initialState();
  state.accounts.set(KEY, { ...newAccount(1e-3), places: 100_000 });
  expect(shareOf({}, state)).toBeLessThan(shareOf({}) / 5);
  expect(shareOf({ isStrict: true }, state)).toBe(shareOf({}));
  expect(state.accounts.get(KEY)).toMatchObject({ places: 100_000, held: 0 });
});

test("[CK14] an audited stream is told that each answer is final, and costs all its rows until the account pays without samples", () => {
  const young = openRowsAhead(initialState(), { ...JOB, isAudited: true });
  expect(young.rows).toMatchObject({ finalBy: "account", coordinatorRows: 1_000, duplicateRows: 0 });
  expect(young.words).toContain("Each answer is final");
  const state = initialState();
  state.accounts.set(KEY, { ...newAccount(1e-3), places: 100_000 });
  expect(shareOf({ isAudited: true }, state)).toBeLessThan(0.05);
});

test("a cap below the price is told with the answers that will not be final, and a stream that nothing checks has none", () => {
  const capped = initialState({ ...SETTINGS_DEFAULT, auditShareMax: 0 });
  const { rows, words } = openRowsAhead(capped, JOB);
  expect(rows).toMatchObject({ finalBy: "nobody", coordinatorRows: 0, promise: null });
  expect(words).toContain("their answers will not be final");
  expect(openRowsAhead(initialState(), { ...JOB, isChecked: false }).rows).toMatchObject({
    ...{ finalBy: "nobody", coordinatorRows: 0 },
  });
});
