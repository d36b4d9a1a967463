/**
 * tfjs's weight quantization: uint8 and uint16 are value * scale + min, float16 is IEEE half precision. A bundle holds such weights as the
 * file does, a quarter of their size, and the library undoes it; here it is undone for whoever runs without the library.
 */
import { fromHalf } from "../../../protocol/half-floats.ts";
import type { WeightSpec } from "../../model-bundle.ts";
import { asObject, fail, type JsonObject } from "../../model-json.ts";

/**
 * @param stored the weight's bytes as they are in the file
 * @param dtype what the weight is once it is undone
 * @returns little-endian float32 or int32 values
 */
function dequantizeWeights(
  stored: Uint8Array,
  quantization: unknown,
  dtype: "float32" | "int32",
  what: string,
): Uint8Array {
  const rule = asObject(quantization, `${what}.quantization`);
  const values = dequantizer(stored, rule, dtype, what);
  const out = new DataView(new ArrayBuffer(values.length * 4));
  for (const [i, value] of values.entries()) {
    if (dtype === "float32") out.setFloat32(4 * i, value, true);
    else out.setInt32(4 * i, Math.round(value), true);
  }
  return new Uint8Array(out.buffer);
}

function dequantizer(stored: Uint8Array, rule: JsonObject, dtype: string, what: string): Float64Array {
  const view = new DataView(stored.buffer, stored.byteOffset, stored.byteLength);
  if (rule.dtype === "float16") {
    if (dtype !== "float32") fail(what, "float32 under float16 quantization", dtype);
    return Float64Array.from({ length: stored.length / 2 }, (_, i) => fromHalf(view.getUint16(2 * i, true)));
  }
  const { scale, min } = rule;
  if (typeof scale !== "number" || typeof min !== "number") return fail(what, "quantization with scale and min", rule);
  return rule.dtype === "uint8"
    ? Float64Array.from(stored, (value) => value * scale + min)
    : Float64Array.from({ length: stored.length / 2 }, (_, i) => view.getUint16(2 * i, true) * scale + min);
}

/** A weight as it is computed with. @param stored its bytes in the bundle @returns float32, int32 or bool */
export function plainWeight({ name, dtype, quantization }: WeightSpec, stored: Uint8Array): Uint8Array {
  if (quantization === undefined) return stored;
  return dequantizeWeights(stored, quantization, dtype as "float32" | "int32", `weights '${name}'`);
}
