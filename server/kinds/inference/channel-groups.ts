/** Which numbers of a model's output are of one size: on a graphics card each size is compared on a scale of its own, so that boxes of 640 hide no score of .1. */
import type { ChannelGroups } from "../../../shared/verify/compare-rows.ts";
import { TOLERANCE_MARGIN } from "../../../shared/verify/sensitivity.ts";

/** Numbers of a group differ by ten at most; what is smaller than the last of so many is of that one, whose scale is no smaller: rounding is not, either. */
const SIZES_MAX = 5;
/** One row says nothing of how large a channel's numbers are in another. */
const ROWS_MIN = 2;

export interface TriedOutputs {
  /** n x C, finite */
  readonly outputs: Float32Array;
  readonly outputSize: number;
  /** Numbers that each of its outputs has, in the order of a row, and the rms of each. */
  readonly parts: readonly { readonly size: number; readonly scaleFloor: number }[];
  /** C: by how much trusted runs of a row differed there, at most. */
  readonly apart: Float32Array;
  /** Of float32 back-ends, as a share of a scale. */
  readonly tolerance: number;
}

/** @returns null: all numbers of an output are of one size, or nobody knows */
export function channelGroups({ outputs, outputSize, parts, apart, tolerance }: TriedOutputs): ChannelGroups | null {
  if (outputs.length / outputSize < ROWS_MIN) return null;
  const meanSquares = meanSquaresOf(outputs, outputSize);
  const groupOf = new Uint16Array(outputSize);
  const floors: number[] = [];
  let start = 0;
  for (const { size, scaleFloor } of parts) {
    const end = start + size;
    let largest = 0;
    for (let c = start; c < end; c++) largest = Math.max(largest, Math.sqrt(meanSquares[c]!));
    const sizes = Array.from({ length: SIZES_MAX }, () => ({ count: 0, squares: 0, apart: 0, group: 0 }));
    const sizeOf = (c: number) => {
      const decades = Math.floor(Math.log10(largest / Math.sqrt(meanSquares[c]!)));
      return sizes[Number.isFinite(decades) ? Math.min(SIZES_MAX - 1, Math.max(0, decades)) : SIZES_MAX - 1]!;
    };
    for (let c = start; c < end; c++) {
      const of = sizeOf(c);
      of.count++;
      of.squares += meanSquares[c]!;
      of.apart = Math.max(of.apart, apart[c]!);
    }
    for (const of of sizes) {
      if (of.count === 0) continue;
      of.group = floors.length;
      // Never less than rounding was seen to make of it, as in the tolerance itself.
      const least = Math.max(largest / 10 ** (SIZES_MAX - 1), (TOLERANCE_MARGIN * of.apart) / tolerance);
      floors.push(Math.max(Math.sqrt(of.squares / of.count), Math.min(least, scaleFloor)));
    }
    for (let c = start; c < end; c++) groupOf[c] = sizeOf(c).group;
    start = end;
  }
  return floors.length === parts.length ? null : { groupOf, floors };
}

function meanSquaresOf(outputs: Float32Array, outputSize: number): Float64Array {
  const means = new Float64Array(outputSize);
  const rows = outputs.length / outputSize;
  for (let i = 0; i < outputs.length; i++) means[i % outputSize]! += outputs[i]! ** 2 / rows;
  return means;
}
