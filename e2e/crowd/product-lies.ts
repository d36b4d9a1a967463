/** What a lying tab can send in place of its product, by name. Each is a pure function of what the tab can know. */
import { MODULUS } from "../../shared/field/modulus.ts";
import { randomAt } from "../../shared/random/simulation-random.ts";

export interface ForgeContext {
  readonly honest: Uint32Array;
  readonly iteration: number;
  readonly shardIndex: number;
  readonly product: "forward" | "backward";
  /** What this shard's product was in the round before of the same kind; null in the first. */
  readonly previous: Uint32Array | null;
  /** The honest product of a colluder's shard in this round; null where it has none. */
  readonly colluder: Uint32Array | null;
  /** Of what is drawn. */
  readonly seed?: number;
}

/** @returns what is sent; the honest array itself where the tab does not lie this time */
export type Attack = (context: ForgeContext) => Uint32Array;

/** The `constant` attack's residue: about a thousandth of the field's positive half. */
export const ATTACK_CONSTANT = 2 ** 20;

const SEED = 3;

/**
 * -c z: the gradient of the other direction.
 * @param factor c, a whole number from 1 to 2^22, for products below 2^53
 */
export function reverseBy(factor: number): Attack {
  return ({ honest }) => honest.map((residue) => (residue === 0 ? 0 : MODULUS - ((residue * factor) % MODULUS)));
}

const reverse = reverseBy(1);

export const ATTACKS = {
  reverse,
  constant: ({ honest }) => new Uint32Array(honest.length).fill(ATTACK_CONSTANT),
  noise({ honest, iteration, shardIndex, product, seed = SEED }) {
    const random = randomAt(seed, iteration, shardIndex, product === "forward" ? 0 : 1);
    return honest.map(() => random.integer(MODULUS));
  },
  /** One entry, off by one: the least that a lie can be. */
  oneEntry({ honest, iteration, shardIndex, seed = SEED }) {
    const forged = honest.slice();
    const at = randomAt(seed, iteration, shardIndex).integer(honest.length);
    forged[at] = (forged[at]! + 1) % MODULUS;
    return forged;
  },
  /** Last round's result, which was right then. */
  replay: ({ honest, previous }) => previous ?? honest,
  /** Two colluders send each other's results: both are right, for another shard. */
  swap: ({ honest, colluder }) => colluder ?? honest,
  /** Earns trust for 20 iterations, then reverses. */
  sleeper: (context) => (context.iteration < 20 ? context.honest : reverse(context)),
} satisfies Record<string, Attack>;

export type AttackName = keyof typeof ATTACKS;
export const ATTACK_NAMES = Object.keys(ATTACKS) as AttackName[];
