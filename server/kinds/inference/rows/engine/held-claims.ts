/** What tabs have answered of claims that are out: rows as they came, by assignment, until the core says what each of them is. */
import { joinFloats } from "../../../../../shared/numbers/join-floats.ts";
import type { SignedResult } from "../../../../../shared/receipts/signature-lines.ts";
import type { ResultSignature } from "../../../../shell/kind-desk.ts";
import { signedResult } from "../../engine/signed-results.ts";
import type { ClaimRow } from "../work.ts";

/** The rows of one claim, in the order in which they went out. */
interface HeldClaim {
  readonly indexOf: ReadonlyMap<number, number>;
  /** By the row's index in the claim; undefined: it has not come, or was taken. C numbers each. */
  readonly outputs: (Float32Array | undefined)[];
  /** Parts whose rows were not hashed yet: each row is, once. */
  unhashed: Float32Array[];
  /** So many rows of it. */
  came: number;
  /** [PR113] Behind so many of its rows none is needed. */
  needed: number;
  signed: ResultSignature | null;
}

export class HeldClaims {
  readonly #width: number;
  readonly #claims = new Map<number, HeldClaim>();

  /** @param width C */
  constructor(width: number) {
    this.#width = width;
  }

  /** It goes out. */
  open(assignmentId: number, rows: readonly ClaimRow[]): void {
    this.#claims.set(assignmentId, {
      indexOf: new Map(rows.map(({ place }, index) => [place, index])),
      ...{ outputs: [], unhashed: [], came: 0, needed: rows.length, signed: null },
    });
  }

  /** [PR113] Its tab may leave out what comes behind its first rows. */
  shorten(assignmentId: number, rows: number): void {
    const claim = this.#claims.get(assignmentId);
    if (claim !== undefined) claim.needed = Math.min(claim.needed, rows);
  }

  /** So many rows its tab owes at least; null: it is not held. */
  neededOf(assignmentId: number): number | null {
    return this.#claims.get(assignmentId)?.needed ?? null;
  }

  /** How many of its rows are here, from the first one on. */
  cameOf(assignmentId: number): number {
    return this.#claims.get(assignmentId)?.came ?? 0;
  }

  /**
   * @param first the index of its first row in the claim
   * @param sent rows of C numbers
   * @param signed of all rows of the claim up to its last one; null: they came from a tab without a key
   * @returns the indices of its rows; null: the claim is not held, or the part does not follow those before it
   */
  hold(assignmentId: number, first: number, sent: Float32Array, signed: ResultSignature | null): number[] | null {
    const claim = this.#claims.get(assignmentId);
    const rows = sent.length / this.#width;
    if (claim === undefined || claim.came !== first || first + rows > claim.indexOf.size) return null;
    for (let row = 0; row < rows; row++)
      claim.outputs[first + row] = sent.subarray(row * this.#width, (row + 1) * this.#width);
    claim.unhashed.push(sent);
    claim.came += rows;
    claim.signed = signed;
    return Array.from({ length: rows }, (_, row) => first + row);
  }

  /** C numbers, as they came; null: nothing is held for that place. */
  rowAt(assignmentId: number, place: number): Float32Array | null {
    const claim = this.#claims.get(assignmentId);
    const index = claim?.indexOf.get(place);
    return index === undefined ? null : (claim?.outputs[index] ?? null);
  }

  /** Of its rows, in the order in which they went out. */
  placesOf(assignmentId: number): Iterable<number> {
    return this.#claims.get(assignmentId)?.indexOf.keys() ?? [];
  }

  /** The same as rowAt, and it is held no longer. */
  take(assignmentId: number, place: number): Float32Array | null {
    const output = this.rowAt(assignmentId, place);
    const claim = this.#claims.get(assignmentId);
    if (output !== null && claim !== undefined) claim.outputs[claim.indexOf.get(place)!] = undefined;
    return output;
  }

  /**
   * [RC9] What its volunteer signed last, of all rows that came until then, with the hashes of those that came since it was asked before: a claim's
   * hashes are those of all such answers together. null: nothing came since, or it is not signed.
   */
  signedSince(assignmentId: number): SignedResult | null {
    const claim = this.#claims.get(assignmentId);
    if (claim === undefined || claim.signed === null || claim.unhashed.length === 0) return null;
    const rows = joinFloats(claim.unhashed);
    claim.unhashed = [];
    return signedResult(claim.signed, rows, this.#width);
  }

  drop(assignmentId: number): void {
    this.#claims.delete(assignmentId);
  }
}
