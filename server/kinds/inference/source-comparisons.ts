/**
 * [PR111] Models that were compared with their files as they came: kept by model, which its files and flags make. A new version of a library
 * comes with a new process.
 */
import type { AsItCame } from "../../../shared/kinds/inference/as-it-came.ts";
import { SubmissionError } from "../../shell/submission-error.ts";
import type { Store } from "../../store/store.ts";
import { besideSource, type ComparedRows, type RunEither, SourceDiffers } from "../../trusted/beside-source.ts";
import type { TrustedModel } from "../../trusted/model-cost.ts";

const MODELS_KEPT_MAX = 1_024;

export class SourceComparisons {
  readonly #store: Pick<Store, "getBlob">;
  /** By the hash of what packing made, the least recently asked for first. */
  readonly #known = new Map<string, AsItCame>();

  constructor(store: Pick<Store, "getBlob">) {
    this.#store = store;
  }

  /** @throws SubmissionError where packing has made another model of the files */
  async compare(
    model: TrustedModel,
    outputs: readonly string[],
    rows: ComparedRows,
    run: RunEither,
  ): Promise<AsItCame> {
    const { sha256 } = model;
    const known = this.#known.get(sha256) ?? (await this.#compared(model, outputs, rows, run));
    this.#known.delete(sha256);
    // What could not be run now may run another time.
    if ("rows" in known) this.#known.set(sha256, known);
    if (this.#known.size > MODELS_KEPT_MAX) this.#known.delete(this.#known.keys().next().value!);
    return known;
  }

  async #compared(
    model: TrustedModel,
    outputs: readonly string[],
    rows: ComparedRows,
    run: RunEither,
  ): Promise<AsItCame> {
    try {
      const getSource = (hash: string) => this.#store.getBlob(hash);
      return await besideSource(model, outputs, rows, { getSource, run });
    } catch (error) {
      if (!(error instanceof SourceDiffers)) throw error;
      throw new SubmissionError(422, "other-model", `the model: ${error.message}`);
    }
  }
}
