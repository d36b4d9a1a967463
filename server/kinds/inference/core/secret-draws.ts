/**
 * What the key of a job draws: coins of rows, anchors, partners. Nothing of it is stored, a restart changes nothing, and whoever is given
 * the key when the job has ended can draw it all again. SPEC.md CC2.
 */
import type { RandomSource } from "../../../../shared/random/random.ts";
import { anchorText } from "../../../../shared/receipts/job-draws.ts";
import { coinOf, coinText } from "../../../../shared/verify/cross-checks/coins.ts";
import { HmacDigest } from "../../../hmac-digest.ts";

/** A row under the name that its draws have: its place among all rows of the job, and which answer to it this is. */
export interface DrawnRow {
  readonly place: number;
  readonly attempt: number;
}

export class SecretDraws {
  readonly #keyed: HmacDigest;
  readonly #jobId: string;

  constructor(secretHex: string, jobId: string) {
    this.#keyed = new HmacDigest(Buffer.from(secretHex, "hex"));
    this.#jobId = jobId;
  }

  /** Says whether somebody else answers the row too; uniform in [0, 1). */
  coin({ place, attempt }: DrawnRow): number {
    return coinOf(this.#keyed.of(coinText(this.#jobId, place, attempt)));
  }

  /** Says whether the coordinator computes the row unasked; uniform in [0, 1). */
  anchor({ place, attempt }: DrawnRow): number {
    return coinOf(this.#keyed.of(anchorText(this.#jobId, place, attempt)));
  }

  /** Draws the partner of a row. @param draw how often one was drawn for it before: each time is another draw */
  partner({ place, attempt }: DrawnRow, draw: number): RandomSource {
    return new DigestRandom((n) => this.#keyed.of(`partner:${this.#jobId}:${place}:${attempt}:${draw}:${n}`));
  }

  /** Draws for something else. @param name of what: no two sources of a job have the same */
  source(name: string): RandomSource {
    return new DigestRandom((n) => this.#keyed.of(`${name}:${this.#jobId}:${n}`));
  }

  /** A key for something else of the job: 32 bytes. */
  key(name: string): Uint8Array {
    return Uint8Array.from(this.#keyed.of(`key:${name}:${this.#jobId}`), (character) => character.charCodeAt(0));
  }
}

/** A source of randomness in digests, one after the other. */
class DigestRandom implements RandomSource {
  readonly #digest: (n: number) => string;
  #drawn = 0;

  constructor(digest: (n: number) => string) {
    this.#digest = digest;
  }

  uniform(): number {
    return coinOf(this.#digest(this.#drawn++));
  }

  integer(bound: number): number {
    const whole = 2 ** 52 - (2 ** 52 % bound);
    for (;;) {
      const drawn = this.uniform() * 2 ** 52;
      if (drawn < whole) return drawn % bound;
    }
  }
}
