import { inverseMod, multiplyMod } from "./arithmetic.ts";
import { FieldError } from "./field-error.ts";

/**
 * All inverses at the price of one and three products each (P. L. Montgomery, "Speeding the Pollard and elliptic curve
 * methods of factorization", 1987, section 10.3.1): products of prefixes forward, one inversion, backward again.
 *
 * @param values residues in [1, modulus)
 * @returns values[i]^-1 mod modulus
 * @throws FieldError where a value is 0
 * @example invertBatch([1, 2, 3], 7) // -> [1, 4, 5]
 */
export function invertBatch(values: ArrayLike<number>, modulus: number): Uint32Array {
  const inverses = new Uint32Array(values.length);
  let product = 1;
  for (let i = 0; i < values.length; i++) {
    if (values[i] === 0) throw new FieldError(`invertBatch: expected no zero, got one at ${i}`);
    inverses[i] = product;
    product = multiplyMod(product, values[i]!, modulus);
  }
  if (values.length === 0) return inverses;
  let rest = inverseMod(product, modulus);
  for (let i = values.length - 1; i >= 0; i--) {
    inverses[i] = multiplyMod(rest, inverses[i]!, modulus);
    rest = multiplyMod(rest, values[i]!, modulus);
  }
  return inverses;
}
