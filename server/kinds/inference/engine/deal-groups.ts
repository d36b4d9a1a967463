import { shuffle } from "../../../../shared/random/draws.ts";
import type { RandomSource } from "../../../../shared/random/random.ts";

/**
 * [CC4] Groups of queries in a secret order. Claims that are cut one after the other from an order of likeness hold queries that are alike,
 * and a row from elsewhere would stand out among them.
 * @param order query numbers, groups one after the other; the last one may be shorter, and stays the last
 * @returns the same queries in the same groups
 */
export function dealGroups(order: Uint32Array, groupSize: number, random: RandomSource): Uint32Array {
  const whole = Math.floor(order.length / groupSize);
  const dealt = shuffle(
    Array.from({ length: whole }, (_, group) => group),
    random,
  );
  const result = order.slice();
  dealt.forEach((group, place) => {
    result.set(order.subarray(group * groupSize, (group + 1) * groupSize), place * groupSize);
  });
  return result;
}
