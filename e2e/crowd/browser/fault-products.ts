/** Lies about products: from honest residues to what a liar sends. The attacks are those of the benches. */
import { ATTACKS, type ForgeContext, reverseBy } from "../product-lies.ts";
import type { Lie } from "./fault-profile.ts";

export interface ProductLieContext {
  readonly seed: number;
  readonly tab: number;
  readonly round: number;
  readonly product: "forward" | "backward";
  /** What this shard's product was in the round before of the same kind; null in its first. */
  readonly previous: Uint32Array | null;
  /** What a colluder computed in this round; null: nothing yet, or there is none. */
  readonly colluder: Uint32Array | null;
}

/**
 * @param honest rows x width residues; not changed
 * @returns residues of the same shape
 */
export function lieAboutProduct(lie: Lie, honest: Uint32Array, width: number, context: ProductLieContext): Uint32Array {
  const { seed, tab, round, product, previous, colluder } = context;
  // Draws are of the tab and the round here, as with every other fault.
  const forging: ForgeContext = { honest, iteration: round, shardIndex: tab, product, previous, colluder, seed };
  switch (lie.name) {
    case "other-query":
      return rotated(honest, width);
    case "sign-flip":
      return ATTACKS.reverse(forging);
    case "reverse":
      return reverseBy(lie.factor)(forging);
    case "noise":
      return ATTACKS.noise(forging);
    case "constant":
      return ATTACKS.constant(forging);
    case "one-entry":
      return ATTACKS.oneEntry(forging);
    case "replay":
      return ATTACKS.replay(forging);
    case "swap":
      return ATTACKS.swap(forging);
    case "sleeper":
      return round < lie.rounds ? honest : ATTACKS.reverse(forging);
    default:
      return lie satisfies never;
  }
}

/** Row r gets the products of row r + 1; a single row has no other, and gets those of the next column. */
function rotated(honest: Uint32Array, width: number): Uint32Array {
  const shift = honest.length > width ? width : 1;
  return honest.map((_, i) => honest[(i + shift) % honest.length]!);
}
