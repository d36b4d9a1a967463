import { expect, test } from "vitest";
import type { Happening } from "../coordinator/events.ts";
import { StoreError, type StoreRecord } from "../store/store.ts";
import type { KindDesk } from "./kind-desk.ts";
import { RecordWriter } from "./record-writer.ts";

/** A round of the kind that a desk stores: here its number says which. */
const numbered = (n: number) => ({ kind: "round", round: { roundIndex: n } }) as unknown as StoreRecord;
const END = numbered(-1);
const ASKED = [{ kind: "job", of: "some", jobId: "j1", record: { type: "job" } }] as const;

/** @param refusedAt which of its transactions the store refuses */
function writerWith(aheadCount: number, refusedAt = Number.NaN) {
  const transactions: number[][] = [];
  const durable: number[] = [];
  const numbersOf = (records: readonly StoreRecord[]) =>
    records.map((record) => (record as { round: { roundIndex: number } }).round.roundIndex);
  const desk: Pick<KindDesk, "storeRecords" | "storedAhead" | "isDurable"> = {
    storeRecords: () => [END],
    storedAhead: () => Array.from({ length: aheadCount }, (_, n) => numbered(n)),
    isDurable: (_jobId, _record, stored) => void durable.push(...numbersOf(stored)),
  };
  let happen: (happening: Happening) => void = () => {};
  const told = new Promise<Happening>((resolve) => {
    happen = resolve;
  });
  const writer = new RecordWriter({
    store: {
      async apply(records) {
        transactions.push(numbersOf(records));
        if (transactions.length - 1 === refusedAt) throw new StoreError("disk full");
      },
    },
    volunteerDurable: () => {},
    onProblem: () => {},
    happen,
    desk: () => desk,
  });
  writer.persist(7, ASKED);
  return { told, transactions, durable };
}

test("[LJ4] what is true without a record is written ahead of it, some at a time, and the record last", async () => {
  const { told, transactions, durable } = writerWith(100);
  expect(await told).toEqual({ type: "persisted", effectId: 7 });
  expect(transactions.map(({ length }) => length)).toEqual([32, 32, 32, 4, 1]);
  expect(transactions.flat()).toEqual([...Array.from({ length: 100 }, (_, n) => n), -1]);
  expect(durable).toEqual(transactions.flat());
});

test("[LJ4] [PS3] where some of it is refused the record is not written, and what was written before stays", async () => {
  const { told, transactions, durable } = writerWith(100, 1);
  expect(await told).toEqual({ type: "persistFailed", effectId: 7, message: "disk full" });
  expect(transactions.flat()).not.toContain(-1);
  expect(durable).toEqual(Array.from({ length: 32 }, (_, n) => n));
});

test("[PS1] a record with nothing ahead of it is one transaction", async () => {
  const { told, transactions } = writerWith(0);
  expect(await told).toEqual({ type: "persisted", effectId: 7 });
  expect(transactions).toEqual([[-1]]);
});
