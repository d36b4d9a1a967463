/** Rows that go out and outputs that come back, as frames. */

import { MODULUS } from "../../shared/field/modulus.ts";
import { decodeFrame, encodeFrame, FrameError } from "../../shared/protocol/frame.ts";
import type { ShareGrant, TokenGrant } from "./assignment-tokens.ts";

export function rowsFrame(rows: Float32Array, rowCount: number, inputSize: number): Uint8Array {
  return encodeFrame({ rows: { dtype: "F32", shape: [rowCount, inputSize], data: rows } });
}

/** The outputs, or why they are none: one finite F32 tensor "outputs" of the shape that was asked for. */
export function readOutputs(frame: Uint8Array, { rowCount, outputSize }: TokenGrant): Float32Array | string {
  try {
    const { outputs, ...others } = decodeFrame(frame);
    if (outputs === undefined || Object.keys(others).length > 0) return "expected one tensor, named outputs";
    if (outputs.dtype !== "F32") return `expected dtype F32, got ${outputs.dtype}`;
    const [rows, columns] = outputs.shape;
    if (outputs.shape.length !== 2 || rows !== rowCount || columns !== outputSize) {
      return `expected shape (${rowCount}, ${outputSize}), got (${outputs.shape.join(", ")})`;
    }
    const bad = outputs.data.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) return `expected finite outputs, got ${outputs.data[bad]} at ${bad}`;
    // A copy of its own: the message that the frame came in may be large, and is not kept alive by it.
    return Float32Array.from(outputs.data);
  } catch (error) {
    if (error instanceof FrameError) return error.message;
    throw error;
  }
}

/** The residues of a product, or why they are none: one U32 tensor "products" of the shape that was asked for. */
export function readProducts(frame: Uint8Array, { rows, width }: ShareGrant): Uint32Array | string {
  try {
    const { products, ...others } = decodeFrame(frame);
    if (products === undefined || Object.keys(others).length > 0) return "expected one tensor, named products";
    if (products.dtype !== "U32") return `expected dtype U32, got ${products.dtype}`;
    const { shape, data } = products;
    if (shape.length !== 2 || shape[0] !== rows || shape[1] !== width) {
      return `expected shape (${rows}, ${width}), got (${shape.join(", ")})`;
    }
    const bad = data.findIndex((value) => value >= MODULUS);
    if (bad >= 0) return `expected residues below ${MODULUS}, got ${data[bad]} at ${bad}`;
    // A copy of its own, as above.
    return Uint32Array.from(data);
  } catch (error) {
    if (error instanceof FrameError) return error.message;
    throw error;
  }
}
