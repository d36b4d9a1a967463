import { expect, test } from "vitest";
import type { Happening } from "../coordinator/events.ts";
import { StoreError, type StoreRecord } from "../store/store.ts";
import type { KindDesk } from "./kind-desk.ts";
import { RecordWriter } from "./record-writer.ts";

/** A round of the kind that a desk stores: here its number says which. */
const numbered = (n: number) => ({ kind: "round", round: { roundIndex: n } }) as unknown as StoreRecord;
const END = numbered(-1);
const ASKED = [{ kind: "job", of: "some", jobId: "j1", record: { type: "job" } }] as const;

/** @param refusedAt which of its transactions the store refuses @param storeRecords of the job's desk */
function writerWith(refusedAt = Number.NaN, storeRecords: KindDesk["storeRecords"] = () => [END]) {
  const transactions: number[][] = [];
  const durable: number[] = [];
  const numbersOf = (records: readonly StoreRecord[]) =>
    records.map((record) => (record as { round: { roundIndex: number } }).round.roundIndex);
  const desk: Pick<KindDesk, "storeRecords" | "isDurable"> = {
    storeRecords,
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
  return { writer, told, transactions, durable };
}

test("[PS1] a record is one transaction", async () => {
  const { told, transactions } = writerWith();
  expect(await told).toEqual({ type: "persisted", effectId: 7 });
  expect(transactions).toEqual([[-1]]);
});

test("[PS3] what the store refuses is told, and nothing of it is durable", async () => {
  const { told, durable } = writerWith(0);
  expect(await told).toEqual({ type: "persistFailed", effectId: 7, message: "disk full" });
  expect(durable).toEqual([]);
});

test.each([Number.NaN, 0])(
  "[GJ6] a job's end is written after a checkpoint whose arrays come later (%s: refused)",
  async (refusedAt) => {
    const goOn: (() => void)[] = [];
    let asked = 0;
    const storeRecords = () => {
      const own = numbered(asked++);
      return new Promise<StoreRecord[]>((resolve) => goOn.push(() => resolve([own])));
    };
    const { writer, told, transactions } = writerWith(refusedAt, storeRecords);
    writer.persist(8, ASKED);
    goOn[1]!();
    await new Promise((resolve) => setImmediate(resolve));
    expect(transactions).toEqual([]);
    goOn[0]!();
    await told;
    await expect.poll(() => transactions).toEqual([[0], [1]]);
  },
);
