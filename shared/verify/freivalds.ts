/**
 * Freivalds' check (R. Freivalds, "Probabilistic machines can use less running time", 1977): is z = A w, without computing
 * A w? For a secret u, uniform over the field, u . z = (u A) . w holds for every right z, and for a wrong one with
 * probability 1/q, for then u . (z - A w) is a nonzero linear form of u.
 *
 * One secret gives one key; t keys check t times, and all must agree. AVCC (arXiv 2107.12958) checks every result so.
 * Cost: r + c products a key, against r c for the work.
 */
import { FieldError } from "../field/field-error.ts";
import { areResidues, requireLength, requireModulus, requireResidues } from "../field/modulus.ts";
import { combineRows, dotProduct, matrixProduct } from "../field/products.ts";

/** Keys that each result is checked with: a soundness error of q^-2, about 2e-19 a result. */
export const KEY_COUNT = 2;

/** Both halves are secret for as long as results are checked with them. Keys never reach a log, an event or a tab. */
export interface VerificationKey {
  /** u, one residue a row of the matrix. */
  readonly secret: Uint32Array;
  /** u A, one residue a column. */
  readonly product: Uint32Array;
}

/**
 * Computed once a shard, when it is encoded.
 * @param secret `rows` residues, uniform, from a cryptographic generator
 * @param matrix rows x columns residues, row-major
 * @param modulus a prime below 2^32
 * @throws FieldError where sizes do not fit or an entry is no residue
 * @example makeVerificationKey([2, 3], [1, 2, 3, 4], 2, 2, 7) // -> { secret: [2, 3], product: [4, 2] }
 */
export function makeVerificationKey(
  secret: ArrayLike<number>,
  matrix: ArrayLike<number>,
  rows: number,
  columns: number,
  modulus: number,
): VerificationKey {
  requireModulus("makeVerificationKey", modulus);
  requireLength("makeVerificationKey", "the secret", secret.length, rows);
  requireLength("makeVerificationKey", "the matrix", matrix.length, rows * columns);
  requireResidues("makeVerificationKey", secret, modulus);
  requireResidues("makeVerificationKey", matrix, modulus);
  const flat = matrix instanceof Uint32Array ? matrix : Uint32Array.from(matrix);
  const views = Array.from({ length: rows }, (_, r) => flat.subarray(r * columns, (r + 1) * columns));
  return { secret: Uint32Array.from(secret), product: combineRows(secret, views, columns, modulus) };
}

/**
 * Is `result` = matrix . vector, for the matrix of the key? Never false for a right one. A result of the wrong length, or
 * with an entry that is no residue in [0, modulus), is wrong: it comes from a stranger, so this answers and does not throw.
 *
 * @param vector columns residues, or columns x C of them, row-major: a thin matrix
 * @param result rows residues, or rows x C; then every column is checked
 * @throws FieldError where the vector, which is ours, does not fit the key
 * @example
 * const key = makeVerificationKey([2, 3], [1, 2, 3, 4], 2, 2, 7);
 * verifyProduct(key, [1, 1], [3, 0], 7) // -> true
 * verifyProduct(key, [1, 1], [4, 0], 7) // -> false
 */
export function verifyProduct(
  key: VerificationKey,
  vector: ArrayLike<number>,
  result: ArrayLike<number>,
  modulus: number,
): boolean {
  requireModulus("verifyProduct", modulus);
  const [rows, columns] = [key.secret.length, key.product.length];
  const width = vector.length / columns;
  if (!Number.isInteger(width) || width < 1) {
    throw new FieldError(`verifyProduct: expected ${columns} entries or a multiple, got a vector of ${vector.length}`);
  }
  requireResidues("verifyProduct", vector, modulus);
  if (result.length !== rows * width || !areResidues(result, modulus)) return false;
  if (width === 1) return dotProduct(key.secret, result, modulus) === dotProduct(key.product, vector, modulus);
  const claimed = matrixProduct(key.secret, 1, rows, result, width, modulus);
  const expected = matrixProduct(key.product, 1, columns, vector, width, modulus);
  // No early end: which column failed is nobody's business.
  return claimed.reduce((wrongCount, value, c) => wrongCount + (value === expected[c] ? 0 : 1), 0) === 0;
}

/**
 * The joint verdict of all keys; a volunteer is never told which of them refused.
 * @throws FieldError where there is no key: nothing would be checked
 * @example
 * const keys = [[2, 3], [5, 1]].map((secret) => makeVerificationKey(secret, [1, 2, 3, 4], 2, 2, 7));
 * verifyWithAll(keys, [1, 1], [3, 0], 7) // -> true
 */
export function verifyWithAll(
  keys: readonly VerificationKey[],
  vector: ArrayLike<number>,
  result: ArrayLike<number>,
  modulus: number,
): boolean {
  if (keys.length === 0) throw new FieldError("verifyWithAll: expected at least one key, got none");
  const verdicts = keys.map((key) => verifyProduct(key, vector, result, modulus));
  return verdicts.every((isRight) => isRight);
}

/**
 * The key of any shard of a Lagrange code, from the keys of its blocks under the same secret, without touching the shard:
 * k_i = sum_j L_j(point_i) (u . block_j). (K+T) c products instead of r c, for a tab that joins.
 *
 * @param encodeRow K+T residues, the code's row of that shard
 * @param blockKeys of the K blocks and T masks, in the code's order, all with one secret
 * @example
 * const keys = [[1, 2], [3, 4]].map((block) => makeVerificationKey([2], block, 1, 2, 7));
 * combineKeys([6, 2], keys, 7) // -> { secret: [2], product: [3, 5] }
 */
export function combineKeys(
  encodeRow: ArrayLike<number>,
  blockKeys: readonly VerificationKey[],
  modulus: number,
): VerificationKey {
  requireModulus("combineKeys", modulus);
  const first = blockKeys[0];
  if (first === undefined) throw new FieldError("combineKeys: expected at least one key, got none");
  const { secret } = first;
  if (blockKeys.some((key) => key.secret.length !== secret.length || key.secret.some((u, r) => u !== secret[r]))) {
    throw new FieldError("combineKeys: expected keys of one secret, got several");
  }
  const products = blockKeys.map((key) => key.product);
  return { secret, product: combineRows(encodeRow, products, first.product.length, modulus) };
}

/**
 * The chance that at least one of `submissionCount` wrong results passed, at most: n q^-t. It holds for liars who adapt to
 * the verdicts they saw: each refusal rules out at most q^-t of the keys.
 * @example soundnessError(2, 1e6, MODULUS) // -> 2.168404e-13
 */
export function soundnessError(keyCount: number, submissionCount: number, modulus: number): number {
  return Math.min(1, submissionCount * modulus ** -keyCount);
}
