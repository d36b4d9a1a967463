/**
 * [PR111] What packing made of a model's files, beside the files as they came: tabs and the coordinator share the packed model, so nothing else
 * would notice that it is another one. Both run on the library that tabs have, where models run, within the limits of a trial.
 */

import { unpackModel } from "../../shared/compute/model-bundle.ts";
import { sourceBehind } from "../../shared/compute/source-files.ts";
import type { AsItCame } from "../../shared/kinds/inference/as-it-came.ts";
import type { TrustedModel } from "./model-cost.ts";

/** Runs rows of a model on what tabs have, or as its files came. @returns rowCount x C */
export type RunEither = (
  by: "tab" | "file",
  model: TrustedModel,
  rows: Float32Array,
  rowCount: number,
) => Promise<Float32Array>;

export interface ComparedRows {
  /** rowCount x D */
  readonly inputs: Float32Array;
  readonly rowCount: number;
  /** Where each stands among the queries. */
  readonly places: ArrayLike<number>;
}

/** A number may differ by this share of itself: libraries fuse what stands together, and half precision is cut between operators or is not. */
const DIFFERENCE_MAX = 2e-3;
/** Numbers far below the size of their row are mostly rounding: as if they had this share of it. */
const ROW_SHARE = 1e-2;

export class SourceDiffers extends Error {
  override readonly name = "SourceDiffers";
}

/**
 * @param outputs as the files call them, those that the model gives one after another
 * @param getSource the files, by their hash; null: they are not kept any more
 * @throws SourceDiffers where a row's numbers are others, with the row and the numbers
 */
export async function besideSource(
  model: TrustedModel,
  outputs: readonly string[],
  rows: ComparedRows,
  { getSource, run }: { readonly getSource: (sha256: string) => Promise<Uint8Array | null>; readonly run: RunEither },
): Promise<AsItCame> {
  const { sourceSha256 } = unpackModel(model.bundle);
  if (sourceSha256 === undefined)
    return { notCompared: "its files were not kept beside it: they are too large, or it was stored without them" };
  const source = await getSource(sourceSha256);
  if (source === null) return { notCompared: "its files are not kept any more: upload it again" };
  const behind = sourceBehind({ bundle: model.bundle, source, outputs });
  const { inputs, rowCount, places } = rows;
  let [packed, own]: (Float32Array | null)[] = [null, null];
  try {
    packed = await run("tab", model, inputs, rowCount);
    own = await run("file", { ...model, behind }, inputs, rowCount);
  } catch (error) {
    return {
      notCompared:
        `${packed === null ? "what packing made of it" : "its own file"} cannot be run here: ${error instanceof Error ? error.message : error}`.slice(
          0,
          WORDS_MAX,
        ),
    };
  }
  return { rows: rowCount, difference: largestDifference(packed, own, rowCount, places) };
}

const WORDS_MAX = 400;

/** @returns as a share of the numbers @throws SourceDiffers */
function largestDifference(
  packed: Float32Array,
  own: Float32Array,
  rowCount: number,
  places: ArrayLike<number>,
): number {
  const width = own.length / rowCount;
  let most = 0;
  for (let row = 0; row < rowCount; row++) {
    const [ours, theirs] = [packed, own].map((all) => all.subarray(row * width, (row + 1) * width));
    const floor = ROW_SHARE * rmsOf(theirs!);
    for (const [place, value] of theirs!.entries()) {
      const given = ours![place]!;
      const share = shareOf(value, given, floor);
      if (!(share <= DIFFERENCE_MAX)) {
        throw new SourceDiffers(
          `row ${places[row]}: the file as it came gives ${value} at place ${place}, what packing made of it ${given}. ` +
            "The model is not taken, for its answers would be another model's: export it anew, or simplified, and tell us of it",
        );
      }
      most = Math.max(most, share);
    }
  }
  return most;
}

function shareOf(value: number, given: number, floor: number): number {
  if (value === given || (Number.isNaN(value) && Number.isNaN(given))) return 0;
  const scale = Math.max(Math.abs(value), Math.abs(given), floor);
  return Number.isFinite(scale) ? Math.abs(value - given) / scale : Number.POSITIVE_INFINITY;
}

/** Of the finite ones. */
function rmsOf(numbers: Float32Array): number {
  const finite = numbers.filter(Number.isFinite);
  return Math.sqrt(finite.reduce((sum, value) => sum + value * value, 0) / Math.max(1, finite.length));
}
