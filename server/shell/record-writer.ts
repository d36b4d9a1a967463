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
  /** By job whose arrays come from a thread: the latest of its writes that is under way. */
  readonly #underWay = new Map<string, Promise<unknown>>();

  constructor(host: RecordWriterHost) {
    this.#host = host;
  }

  /**
   * What is stored is what the records hold now. Arrays of coded runs come from their threads, some later than others: a job's records are
   * written in the order in which they were asked for.
   */
  persist(effectId: number, records: readonly CoreRecord[]): void {
    const { store, volunteerDurable, onProblem, happen, desk } = this.#host;
    const asked = records.map((record) =>
      record.kind !== "job" ? [record] : desk(record.of).storeRecords(record.jobId, record.record),
    );
    const withThreads = records.flatMap((record, i) =>
      record.kind === "job" && asked[i] instanceof Promise ? [record.jobId] : [],
    );
    const earlier = withThreads.map((jobId) => this.#underWay.get(jobId));
    const write = async (): Promise<readonly StoreRecord[][]> => {
      const isAtHand = withThreads.length === 0;
      const stored = (isAtHand ? asked : await Promise.all(asked)) as StoreRecord[][];
      if (!isAtHand) await Promise.allSettled(earlier);
      await store.apply(stored.flat());
      return stored;
    };
    const written = write();
    for (const jobId of withThreads) this.#follow(jobId, written);
    written.then(
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

  #follow(jobId: string, written: Promise<unknown>): void {
    this.#underWay.set(jobId, written);
    const over = () => {
      if (this.#underWay.get(jobId) === written) this.#underWay.delete(jobId);
    };
    written.then(over, over);
  }
}
