/**
 * Other orders in which a machine may take the sums of a model, and other roundings of what goes into them. A graphics card takes sums in windows,
 * in pairs, or spread over its threads; nothing fixes which. Trusted runs in each of these orders say how far a row can move by that alone.
 */
import { hash32 } from "./hash-noise.ts";

/**
 * permuted: terms are drawn into two sums. windowed: four windows along the contracted axis, added in pairs. by sign: positive terms in one sum and
 * negative ones in another, which loses most. rounded: three sums of drawn terms, and operands one unit in the last place apart.
 */
export const ORDERS = ["permuted", "windowed", "by sign", "rounded"] as const;
export type Order = (typeof ORDERS)[number];

/**
 * Operators whose answer jumps where what they take moves in its last place: a card divides and rounds as it likes, and gives the next whole number.
 * Of ONNX and of TensorFlow.js.
 */
export const JUMPING: ReadonlySet<string> = new Set(["Ceil", "Floor", "FloorDiv", "FloorMod", "Mod", "Round"]);

/** Orders that part terms by their places, and into how many sums. */
export const PARTS = { permuted: 2, windowed: 4, rounded: 3 } as const satisfies Partial<Record<Order, number>>;
export type PlacedOrder = keyof typeof PARTS;

/** One unit in the last place, at most. */
export const NUDGE = 2 ** -23;

export function isOrder(name: string): name is Order {
  return (ORDERS as readonly string[]).includes(name);
}

/**
 * In which sum a term goes.
 * @param at its place in the operand
 * @param along its place along the contracted axis, of so many
 * @example partOfTerm("windowed", 7, { place: 7, length: 8 }) // -> 3
 */
export function partOfTerm(order: PlacedOrder, at: number, along: { place: number; length: number }): number {
  const parts = PARTS[order];
  if (order === "windowed" && along.length >= parts) return Math.floor((parts * along.place) / along.length);
  return hash32(parts, at) % parts;
}

/**
 * Is the number at that place rounded up, or down?
 * @example [1, -1].includes(nudgeOf(5)) // -> true
 */
export function nudgeOf(at: number): 1 | -1 {
  return hash32(ORDERS.length, at) % 2 === 0 ? 1 : -1;
}

/** Adds neighbours first, then their sums. @throws RangeError where there is nothing to add */
export function addedInPairs<T>(parts: readonly T[], add: (one: T, other: T) => T): T {
  if (parts.length === 0) throw new RangeError("sums: expected at least one, got none");
  let sums = [...parts];
  while (sums.length > 1) {
    const pairs: T[] = [];
    for (let i = 0; i < sums.length; i += 2) pairs.push(i + 1 < sums.length ? add(sums[i]!, sums[i + 1]!) : sums[i]!);
    sums = pairs;
  }
  return sums[0]!;
}
