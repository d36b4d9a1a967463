/**
 * Rows that overflow: a group of queries with one of them is not interpolated, for NaN and infinities spoil every sum. What was computed as
 * it is stands; the rest of the group is asked again. SPEC.md VF16.
 */
import { matrixRow } from "../../../../shared/coding/arrivals.ts";
import { type CodingScheme, DECODED_HOW } from "../../../../shared/coding/scheme.ts";
import { isNonFinite } from "./answer-rule.ts";
import { NO_ESTIMATE } from "./estimate-codes.ts";
import type { RoundResults } from "./held-out-estimates.ts";

/** Do some workers hold mixtures? */
function mixes({ rawQueryOf }: CodingScheme): boolean {
  return rawQueryOf.some((query) => query < 0);
}

function isSpoilt(batches: readonly Float32Array[], g: number, outputSize: number): boolean {
  return batches.some((batch) => isNonFinite(matrixRow(batch, g, outputSize)));
}

/** @returns the batches themselves where nothing overflows; else copies with zeros: of a code that mixes in all of such a group, of others in that row alone */
export function withoutSpoilt(
  scheme: CodingScheme,
  batches: Float32Array[],
  groupCount: number,
  outputSize: number,
): Float32Array[] {
  const spoilt = Array.from({ length: groupCount }, (_, g) => g).filter((g) => isSpoilt(batches, g, outputSize));
  if (spoilt.length === 0) return batches;
  return batches.map((batch) => {
    const clean = batch.slice();
    for (const g of spoilt) {
      const row = matrixRow(clean, g, outputSize);
      if (mixes(scheme) || isNonFinite(row)) row.fill(0);
    }
    return clean;
  });
}

/** batches: as they came. decoded: of withoutSpoilt; changed in place. */
export type SpoiltRound = Pick<
  RoundResults,
  "scheme" | "arrived" | "batches" | "groupCount" | "outputSize" | "placements" | "decoded"
>;

/** Puts back what was computed as it is; of a code that mixes, the rest of a spoilt group has no answer. @param codes of estimates, G x K */
export function putNonFinite(round: SpoiltRound, codes: Uint8Array | null): void {
  const { scheme, batches, groupCount, outputSize, decoded } = round;
  const { queryCount } = scheme;
  for (let g = 0; g < groupCount; g++) {
    if (!isSpoilt(batches, g, outputSize)) continue;
    const own = ownRowsOf(round, g);
    for (let k = 0; k < queryCount; k++) {
      const row = g * queryCount + k;
      const output = matrixRow(decoded.outputs, row, outputSize);
      const candidates = own.get(k) ?? [];
      if (!mixes(scheme)) {
        // Zeros stood for what overflows: where they were chosen, it was.
        if (output.every((value) => value === 0)) output.set(candidates.find(isNonFinite) ?? output);
        continue;
      }
      if (candidates.length > 0) output.set(candidates[0]!);
      else if (own.size === 0) output.fill(Number.NaN);
      else {
        decoded.how[row] = DECODED_HOW.missing;
        if (codes !== null) codes[row] = NO_ESTIMATE;
      }
    }
  }
}

/** By the place of a query in its group: what workers computed for it as it is. */
function ownRowsOf({ scheme, arrived, batches, outputSize, placements }: SpoiltRound, g: number) {
  const { queryCount, rawQueryOf } = scheme;
  const ofGroup = placements?.subarray(g * queryCount, (g + 1) * queryCount);
  const own = new Map<number, Float32Array[]>();
  arrived.forEach((workerIndex, r) => {
    const isDealt = ofGroup !== undefined && workerIndex < queryCount;
    const position = isDealt ? ofGroup.indexOf(workerIndex) : workerIndex;
    const query = rawQueryOf[position] ?? -1;
    if (query >= 0) own.set(query, [...(own.get(query) ?? []), matrixRow(batches[r]!, g, outputSize)]);
  });
  return own;
}
