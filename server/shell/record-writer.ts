/** Makes durable what the core wants written, all records of an effect in one transaction, and says how it went. */
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
  desk(kind: string): Pick<KindDesk, "storeRecords" | "isDurable">;
}

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
}
