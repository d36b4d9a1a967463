/** Where other coordinators of the service are reached: by the mark of their tokens, or by their names. */
import type { OtherCell } from "../store/cell-lease.ts";
import { cellMark } from "./cell-marks.ts";

/** The database is asked at most so often, whatever strangers ask for. */
const LOOK_MS_MIN = 500;

export class CellDirectory {
  readonly #read: () => Promise<readonly OtherCell[]>;
  readonly #nowMs: () => number;
  #known: readonly OtherCell[] = [];
  #readMs = Number.NEGATIVE_INFINITY;
  #reading: Promise<void> | null = null;

  constructor(read: () => Promise<readonly OtherCell[]>, nowMs: () => number = () => performance.now()) {
    this.#read = read;
    this.#nowMs = nowMs;
  }

  /** [CE7] null: no other one has tokens that begin so. */
  async addressOfMark(mark: string): Promise<string | null> {
    return this.#addressOf(({ epoch }) => cellMark(epoch) === mark);
  }

  /** [CE8] null: no other one is called that. */
  async addressOfName(name: string): Promise<string | null> {
    return this.#addressOf((cell) => cell.name === name);
  }

  /** [CE15] All others. @throws StoreError where the database does not say who they are now */
  others(): Promise<readonly Pick<OtherCell, "name" | "address">[]> {
    return this.#read();
  }

  /** Of all others. */
  async tabs(): Promise<number> {
    return (await this.#lately()).reduce((sum, { tabs }) => sum + tabs, 0);
  }

  async #addressOf(isIt: (cell: OtherCell) => boolean): Promise<string | null> {
    return (await this.#lately()).find(isIt)?.address ?? null;
  }

  async #lately(): Promise<readonly OtherCell[]> {
    if (this.#nowMs() - this.#readMs >= LOOK_MS_MIN) await this.#look();
    return this.#known;
  }

  /** What was read last stands where the database does not answer. */
  #look(): Promise<void> {
    this.#reading ??= this.#read()
      .then(
        (cells) => {
          this.#known = cells;
        },
        () => {},
      )
      .finally(() => {
        this.#readMs = this.#nowMs();
        this.#reading = null;
      });
    return this.#reading;
  }
}
