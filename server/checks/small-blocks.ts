/** What becomes of a block that its account cannot carry. */
import type { Refusal } from "./words.ts";

/** The coordinator computes a whole block alone where that takes it no longer. */
export const ALONE_MS_MAX = 5_000;

export type SmallBlock =
  /** Every row is the coordinator's own: exact, and final. */
  | { readonly by: "coordinator" }
  /** Its answers are told without a bound, and this beforehand. */
  | { readonly by: "nobody"; readonly why: Refusal["why"]; readonly rowsThatSuffice: number | null };

/**
 * @param rowMs what a row takes the coordinator, as tried with this model
 * @param priceMaxRows the lower cap of submitter and operator; null: none
 * @example
 * const refused = { why: "price", priceRows: 46, rowsThatSuffice: 177 };
 * [settleRefused(refused, 48, 15, null), settleRefused(refused, 48, 500, null)]
 * // -> [{ by: "coordinator" }, { by: "nobody", why: "price", rowsThatSuffice: 177 }]
 */
export function settleRefused(
  { why, rowsThatSuffice }: Refusal,
  rows: number,
  rowMs: number,
  priceMaxRows: number | null,
): SmallBlock {
  const isCheap = rows * rowMs <= ALONE_MS_MAX && (priceMaxRows === null || rows <= priceMaxRows);
  return isCheap ? { by: "coordinator" } : { by: "nobody", why, rowsThatSuffice };
}
