/** Pieces of jobs that a token's auditors confirmed and nobody else computed: they are computed again once the token is dismissed. */
import { AUDITOR_CONFIRMED_BYTES_MAX } from "../../shared/protocol/limits.ts";
import type { ElsewherePiece } from "../trusted/elsewhere.ts";

export interface ConfirmedPiece {
  readonly jobId: string;
  readonly rowCount: number;
  /** rowCount x C */
  readonly outputs: Float32Array;
  /** Computes the same rows on this machine; holds the model. */
  here(): Promise<Float32Array>;
}

interface Kept extends ConfirmedPiece {
  readonly bytes: number;
  readonly bundle: Uint8Array;
}

export class ConfirmedPieces {
  readonly #byToken = new Map<string, Kept[]>();
  /** Pieces that are kept of each model, which stays in memory as long. */
  readonly #ofModel = new Map<Uint8Array, number>();
  #bytes = 0;

  /** Keeps the latest: the oldest pieces of whichever token has most go first. */
  keep(tokenId: string, piece: ElsewherePiece, outputs: Float32Array, here: Kept["here"]): void {
    const { jobId, rowCount, rows, model } = piece;
    const { bundle } = model;
    const bytes = rows.byteLength + outputs.byteLength;
    const own = this.#byToken.get(tokenId) ?? [];
    this.#byToken.set(tokenId, own);
    own.push({ jobId, rowCount, outputs, here, bytes, bundle });
    const ofModel = this.#ofModel.get(bundle) ?? 0;
    this.#ofModel.set(bundle, ofModel + 1);
    this.#bytes += bytes + (ofModel === 0 ? bundle.byteLength : 0);
    while (this.#bytes > AUDITOR_CONFIRMED_BYTES_MAX && this.#ofModel.size > 0) this.#leave(this.#longest().shift()!);
  }

  /** @returns the pieces that are kept of this token, the oldest first; from now on none is */
  take(tokenId: string): readonly ConfirmedPiece[] {
    const own = this.#byToken.get(tokenId) ?? [];
    this.#byToken.delete(tokenId);
    for (const kept of own) this.#leave(kept);
    return own;
  }

  #leave({ bytes, bundle }: Kept): void {
    const left = this.#ofModel.get(bundle)! - 1;
    this.#bytes -= bytes + (left === 0 ? bundle.byteLength : 0);
    if (left > 0) this.#ofModel.set(bundle, left);
    else this.#ofModel.delete(bundle);
  }

  #longest(): Kept[] {
    return [...this.#byToken.values()].reduce((most, one) => (one.length > most.length ? one : most));
  }
}
