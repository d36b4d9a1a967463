/**
 * The rows of a batch on the wire: float32 as they are, or 8-bit and half-precision entries that are multiplied by the job's
 * input scale. Tab and coordinator both take them through here, so that they compute with the same float32 numbers, bit for
 * bit.
 */
import type { Tensor } from "../../protocol/frame.ts";
import { fromHalf } from "../../protocol/half-floats.ts";

export type BatchRows = Extract<Tensor, { dtype: "F32" | "U8" | "F16" }>;

/** @returns each entry times inputScale, the product taken in double precision and rounded once; F32 rows are left as they are */
export function toFloat32Rows({ dtype, data }: BatchRows, inputScale: number): Float32Array {
  switch (dtype) {
    case "F32":
      return data;
    case "U8":
      return scaleBytes(data, inputScale);
    case "F16":
      return scaleHalves(data, inputScale);
  }
}

function scaleHalves(halves: Uint16Array, inputScale: number): Float32Array {
  const rows = new Float32Array(halves.length);
  for (let i = 0; i < halves.length; i++) rows[i] = fromHalf(halves[i]!) * inputScale;
  return rows;
}

/** An array's own rounding to float32 does the rest: 256 products serve all entries. */
export function scaleBytes(entries: Uint8Array, inputScale: number): Float32Array {
  const scaled = Float32Array.from({ length: 256 }, (_, entry) => entry * inputScale);
  const rows = new Float32Array(entries.length);
  for (let i = 0; i < entries.length; i++) rows[i] = scaled[entries[i]!]!;
  return rows;
}
