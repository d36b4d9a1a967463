/** [CE14] Which coordinator of the service joined first, and so answers for what belongs to none of them alone. */
import { StoreError } from "../store/store.ts";

export interface EldestRead {
  readonly epoch: number;
  /** Empty: it is not reached yet. */
  readonly address: string;
}

/** The database is asked at most so often, whatever strangers ask for. */
const LOOK_MS_MIN = 500;

export class EldestCell {
  readonly #read: () => Promise<EldestRead>;
  readonly #ownEpoch: number;
  readonly #nowMs: () => number;
  #known: Promise<EldestRead> | null = null;
  #readMs = 0;

  constructor(read: () => Promise<EldestRead>, ownEpoch: number, nowMs: () => number = () => performance.now()) {
    this.#read = read;
    this.#ownEpoch = ownEpoch;
    this.#nowMs = nowMs;
  }

  /**
   * @returns null: this coordinator is it, and stays it
   * @throws StoreError where the database does not say, or the eldest is not reached yet
   */
  async addressOfOther(): Promise<string | null> {
    const { epoch, address } = await this.#eldest();
    if (epoch === this.#ownEpoch) return null;
    if (address === "") throw new StoreError("the coordinator that answers for all of them has not started yet");
    return address;
  }

  /** What was read last does not stand: who was the eldest may be gone. */
  #eldest(): Promise<EldestRead> {
    if (this.#known !== null && this.#nowMs() - this.#readMs < LOOK_MS_MIN) return this.#known;
    this.#readMs = this.#nowMs();
    const known = this.#read();
    this.#known = known;
    known.catch(() => {
      if (this.#known === known) this.#known = null;
    });
    return known;
  }
}
