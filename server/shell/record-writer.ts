/**
 * Makes durable what the core wants written, all records of an effect in one transaction, and says how it went. What a desk has durable
 * ahead of a record goes before, in transactions of its own: one of all that changed at the end of a large job would stop everything.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { CoreRecord } from "../coordinator/effects.ts";
import type { Happening } from "../coordinator/events.ts";
import { messageOf } from "../store/attempt.ts";
import { AccountTakenError, type Store, type StoredVolunteer, type StoreRecord } from "../store/store.ts";
import type { KindDesk } from "./kind-desk.ts";

export interface RecordWriterHost {
  readonly store: Pick<Store, "apply">;
  volunteerDurable(volunteer: StoredVolunteer): void;
  readonly onProblem: (message: string, error: unknown) => void;
  happen(happening: Happening): void;
  desk(kind: string): Pick<KindDesk, "storeRecords" | "storedAhead" | "isDurable">;
}

/** Written in a few milliseconds, a round of a large job being some tens of kilobytes. */
const AHEAD_AT_ONCE = 32;

export class RecordWriter {
  readonly #host: RecordWriterHost;

  constructor(host: RecordWriterHost) {
    this.#host = host;
  }

  /** What is stored is what the records hold now; arrays of coded runs come from their threads. */
  persist(effectId: number, records: readonly CoreRecord[]): void {
    const { store, volunteerDurable, onProblem, happen, desk } = this.#host;
    const asked = records.map((record) =>
      record.kind !== "job" ? [record] : desk(record.of).storeRecords(record.jobId, record.record),
    );
    const write = async (): Promise<readonly StoreRecord[][]> => {
      for (const record of records) if (record.kind === "job") await this.#writeAhead(record);
      const hasThreads = asked.some((stored) => stored instanceof Promise);
      const stored = (hasThreads ? await Promise.all(asked) : asked) as StoreRecord[][];
      await store.apply(stored.flat());
      return stored;
    };
    write().then(
      (stored) => {
        records.forEach((record, i) => {
          if (record.kind === "volunteer") volunteerDurable(record.volunteer);
          else if (record.kind === "job") desk(record.of).isDurable(record.jobId, record.record, stored[i]!);
        });
        happen({ type: "persisted", effectId });
      },
      (error: unknown) => {
        const refused = { type: "persistFailed", effectId, message: messageOf(error) } as const;
        if (error instanceof AccountTakenError) {
          const { accountKey: key, ...account } = error.news;
          return happen({ ...refused, taken: { key, account } });
        }
        onProblem("the store refused a write", error);
        happen(refused);
      },
    );
  }

  async #writeAhead({ of, jobId, record }: Extract<CoreRecord, { kind: "job" }>): Promise<void> {
    const { store, desk } = this.#host;
    const kind = desk(of);
    let some: StoreRecord[] = [];
    const write = async () => {
      await store.apply(some);
      kind.isDurable(jobId, record, some);
      some = [];
    };
    for (const stored of kind.storedAhead?.(jobId, record) ?? []) {
      if (some.push(stored) < AHEAD_AT_ONCE) continue;
      await write();
      await nextTurn();
    }
    if (some.length > 0) await write();
  }
}
