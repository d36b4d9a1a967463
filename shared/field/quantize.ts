/** Fixed-point numbers as residues. No range is chosen here: safe-scale.ts does, so that sums cannot wrap around. */
import { FieldError } from "./field-error.ts";
import { centredMax, centredOf, requireModulus, requireResidues, residueOf } from "./modulus.ts";

/**
 * floor(value * scale + 1/2) mod modulus.
 * @param values finite numbers
 * @param scale steps a unit, finite and > 0
 * @returns one residue in [0, modulus) a value
 * @throws FieldError where a value is not finite or, scaled, leaves +-(modulus-1)/2
 * @example quantize([0.5, -0.25], 4, 7) // -> [2, 6]
 */
export function quantize(values: ArrayLike<number>, scale: number, modulus: number): Uint32Array {
  requireModulus("quantize", modulus);
  requireScale("quantize", scale);
  const most = centredMax(modulus);
  const residues = new Uint32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const rounded = Math.floor(values[i]! * scale + 0.5);
    // Written so that NaN fails too.
    if (!(Math.abs(rounded) <= most)) {
      throw new FieldError(`quantize: expected values within +-${most} once scaled, got ${values[i]} * ${scale}`);
    }
    residues[i] = residueOf(rounded, modulus);
  }
  return residues;
}

/**
 * The way back: the signed number that the residue stands for, divided by scale.
 * @param residues in [0, modulus)
 * @param scale of a product, the product of the scales
 * @example dequantize([2, 6], 4, 7) // -> [0.5, -0.25]
 */
export function dequantize(residues: ArrayLike<number>, scale: number, modulus: number): Float64Array {
  requireModulus("dequantize", modulus);
  requireScale("dequantize", scale);
  requireResidues("dequantize", residues, modulus);
  const values = new Float64Array(residues.length);
  for (let i = 0; i < residues.length; i++) values[i] = centredOf(residues[i]!, modulus) / scale;
  return values;
}

function requireScale(who: string, scale: number): void {
  if (!(scale > 0 && scale < Number.POSITIVE_INFINITY)) {
    throw new FieldError(`${who}: expected a finite scale above 0, got ${scale}`);
  }
}
