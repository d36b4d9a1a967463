/** A quantile of the latest values of a stream, computed anew once in a while: what is asked for after each value costs no sort each time. */
import { quantile } from "./quantile.ts";

export class LatestQuantile {
  readonly #share: number;
  readonly #kept: number;
  readonly #perLook: number;
  readonly #values: number[] = [];
  #at = 0;
  #sinceLook = 0;
  #known: number | null = null;

  /** @param share in [0, 1] @param kept values, the latest @param perLook the quantile is at most so many values old */
  constructor(share: number, kept: number, perLook: number) {
    this.#share = share;
    this.#kept = kept;
    this.#perLook = perLook;
  }

  get count(): number {
    return this.#values.length;
  }

  /** null: there are no values */
  get value(): number | null {
    if (this.#known === null || this.#sinceLook >= this.#perLook) {
      this.#known = quantile(this.#values, this.#share);
      this.#sinceLook = 0;
    }
    return this.#known;
  }

  add(value: number): void {
    this.#values[this.#at] = value;
    this.#at = (this.#at + 1) % this.#kept;
    this.#sinceLook++;
  }
}
