/**
 * [VF12] A model whose inputs are all whole numbers has no inputs that could lie one unit in the last place apart. Its weights can: what
 * it makes of that is what it makes of rounding errors on the way. [VF15] Devices that store half precision round weights too.
 */
import { hash32 } from "../../../shared/compute/hash-noise.ts";
import { unpackModel, weightByteCount } from "../../../shared/compute/model-bundle.ts";
import type { PrecisionClass } from "../../../shared/verify/compare-rows.ts";
import { ROUNDING } from "../../../shared/verify/sensitivity.ts";
import type { ModelReference } from "../../numerics/numerics-references.ts";
import { sha256Hex } from "../../sha256-hex.ts";

/** Fewer numbers are no matrix but exponents, scales and ends of ranges, which a model means as they are. */
const WEIGHTS_MIN = 65;
/** The largest float32 as its word; above it are infinity and what is no number. */
const WORD_MAX = 0x7f7fffff;

/**
 * @param seed of the directions, whole
 * @param precision float32: one unit in the last place; float16: by the largest relative error of storing a number so
 * @returns the same model with every float32 weight up or down; zeros, and weights that are kept in fewer bits, stay
 */
export function weightsApart(
  { sha256, bundle, ...rest }: ModelReference,
  seed: number,
  precision: PrecisionClass = "float32",
): ModelReference {
  const copy = new Uint8Array(new SharedArrayBuffer(bundle.byteLength));
  copy.set(bundle);
  const { weightSpecs, weightData } = unpackModel(copy);
  let at = 0;
  for (const [place, spec] of weightSpecs.entries()) {
    const bytes = weightData.subarray(at, at + weightByteCount(spec));
    at += bytes.length;
    if (spec.dtype !== "float32" || spec.quantization !== undefined || bytes.length < 4 * WEIGHTS_MIN) continue;
    const isAligned = bytes.byteOffset % 4 === 0;
    const words = isAligned
      ? new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4)
      : new Int32Array(bytes.slice().buffer);
    shift(words, seed + place, precision);
    if (!isAligned) bytes.set(new Uint8Array(words.buffer));
  }
  return { ...rest, sha256: sha256Hex(`${sha256}, ${precision} weights apart by ${seed}`), bundle: copy };
}

/** Words of floats of one sign are in the order of their sizes: the next word is the next size. */
function shift(words: Int32Array, seed: number, precision: PrecisionClass): void {
  const floats = new Float32Array(words.buffer, words.byteOffset, words.length);
  let bits = 0;
  for (let i = 0; i < words.length; i++) {
    if (i % 32 === 0) bits = hash32(seed, i / 32);
    const isUp = (bits & 1) === 1;
    bits >>>= 1;
    const size = words[i]! & 0x7fffffff;
    if (size === 0 || size > WORD_MAX) continue;
    if (precision === "float32") words[i]! += isUp && size < WORD_MAX ? 1 : -1;
    else floats[i]! *= 1 + (isUp ? 1 : -1) * ROUNDING[precision];
  }
}
