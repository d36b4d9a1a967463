import { expect, test } from "vitest";
import { chargeBlock, newAccount, openBlock } from "../../../../checks/account.ts";
import { blockAsked } from "../../../../checks/testing/block-asked.ts";
import type { Refusal } from "../../../../checks/words.ts";
import { someInferenceJob } from "../../testing/some-inference-job.ts";
import type { StoredBlock } from "../work.ts";
import { rowsTold } from "./rows-told.ts";

const ROWS = 1_200;
const onRows = (changes: object = {}) => someInferenceJob("job", { rows: true, queryCount: ROWS, ...changes });
const counted = { queryCount: ROWS, finalCount: 0, exactCount: 30 };

/** Of one account, opened one after the other: the second is what the first left unsettled. */
function twoBlocks(): [StoredBlock, StoredBlock] {
  const account = newAccount(1e-3);
  const first = openBlock(account, blockAsked({ rows: ROWS }));
  if (!("block" in first)) throw new Error("expected a block");
  const charged = chargeBlock(first.account, first.block);
  const facts = { places: "all" as const, certificate: null };
  const again = openBlock({ ...charged.account, places: 5_000 }, blockAsked({ rows: 700, isRetry: true }));
  if (!("block" in again)) throw new Error("expected another block");
  return [
    { ...facts, blockId: 0, block: charged.block, timesAsked: 0 },
    { ...facts, blockId: 1, block: again.block, timesAsked: 1, certificate: { checkShare: 0.5, sampled: 3 } },
  ];
}

test("the price that was told stays beside what a naming made of it, and a sentence says so", () => {
  const [first, again] = twoBlocks();
  const before = rowsTold(onRows(), counted, [first], null);
  expect(before.price).toMatchObject({ toldRows: Math.round(first.block.terms.priceRows) });
  expect(before.price!.rows).toBe(before.price!.toldRows);
  expect(before.raised).toBeNull();
  const after = rowsTold(onRows(), counted, [first, again], null);
  expect(after.price!.toldRows).toBe(before.price!.toldRows);
  expect(after.price!.rows).toBe(Math.round(first.block.terms.priceRows + again.block.terms.priceRows));
  expect(after.raised).toContain("700 rows are asked again");
  expect(after.blocks).toEqual({ opened: 2, certified: 1 });
});

test("the bound's words are those of its account, said of the job alone where it is strict, and nothing is promised where nothing checks", () => {
  const [first] = twoBlocks();
  const plain = rowsTold(onRows(), counted, [first], null);
  expect(plain.promise).toContain(
    "Of all rows that you asked for, accepted or not, at most a share 0.001 is wrong and final",
  );
  expect(plain.promise).toContain("averaged over your jobs");
  const { submission } = onRows();
  const strict = rowsTold(onRows({ submission: { ...submission, strict: "yes" } }), counted, [first], null);
  expect(strict).toMatchObject({ isStrict: true });
  expect(strict.promise).toMatch(/^Of all rows of this job, accepted or not/);
  expect(strict.promise).not.toContain("averaged over your jobs");
  expect(rowsTold(onRows({ unchecked: "its model is unstable" }), counted, [first], null).promise).toBeNull();
});

test("what no account carries is said with the number of rows that suffices, or that the coordinator computes all of it", () => {
  const refusal: Refusal = { why: "price", priceRows: 46, rowsThatSuffice: 177 };
  const job = onRows({ refusal, queryCount: 48 });
  const small = { queryCount: 48, finalCount: 0, exactCount: 0 };
  const told = rowsTold(job, small, [], null);
  expect(told).toMatchObject({ price: null, promise: null, rowsThatSuffice: 177 });
  expect(told.refused).toContain("177 rows in one job would suffice");
  const alone = "The coordinator computes all of 48 rows itself.";
  const atIt = rowsTold(job, small, [], { waiting: null, notFinalForMs: null, isOwn: true });
  expect(atIt).toMatchObject({ refused: alone, rowsThatSuffice: null });
  const ended = rowsTold(job, { ...small, finalCount: 48, exactCount: 48 }, [], null);
  expect(ended).toMatchObject({ refused: alone, coordinatorRows: 48 });
});
