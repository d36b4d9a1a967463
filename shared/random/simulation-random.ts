/**
 * Replayable randomness for simulations, faults and tests. Never for secrets: masks, keys and audit rows come from a
 * cryptographic generator.
 *
 * Generator: xoshiro128** 1.1 (Blackman and Vigna, "Scrambled linear pseudorandom number generators", ACM TOMS 2021).
 * Seeding: splitmix32, the 32-bit sibling of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014), with the "lowbias32"
 * finaliser of C. Wellons' hash prospector.
 */
import type { RandomSource } from "./random.ts";

const TWO_32 = 2 ** 32;

/** A bijection of 32-bit words in which every input bit moves about half of the output bits (lowbias32). */
function mix32(word: number): number {
  let x = word;
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
  x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
  return (x ^ (x >>> 15)) >>> 0;
}

/** Steps of splitmix32 begin at `state` and add the golden ratio of 2^32. */
function splitmix32(state: number, step: number): number {
  return mix32((state + Math.imul(step + 1, 0x9e3779b9)) >>> 0);
}

/** A safe integer as two words, so that 53-bit seeds and keys count in full. */
function wordsOf(who: string, value: number): [number, number] {
  if (!Number.isSafeInteger(value)) throw new RangeError(`${who}: expected a safe integer, got ${value}`);
  return [value >>> 0, Math.floor(value / TWO_32) >>> 0];
}

/** A source from four state words that are not all zero. */
function xoshiro128(s0: number, s1: number, s2: number, s3: number): RandomSource {
  let a = s0 | 0;
  let b = s1 | 0;
  let c = s2 | 0;
  let d = s3 | 0;
  if ((a | b | c | d) === 0) a = 1;

  const next = (): number => {
    const product = Math.imul(b, 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = (d << 11) | (d >>> 21);
    return result;
  };

  return {
    integer(bound) {
      if (!Number.isInteger(bound) || bound < 1 || bound > TWO_32) {
        throw new RangeError(`integer: expected a bound in 1..2^32, got ${bound}`);
      }
      // Words from `limit` on would favour small remainders.
      const limit = TWO_32 - (TWO_32 % bound);
      let word = next();
      while (word >= limit) word = next();
      return word % bound;
    },
    uniform() {
      const high = next() >>> 5;
      const low = next() >>> 6;
      return (high * 2 ** 26 + low) / 2 ** 53;
    },
  };
}

/**
 * @param seed any safe integer
 * @returns the same sequence for the same seed, on every machine
 * @throws RangeError where the seed is no safe integer
 */
export function simulationRandom(seed: number): RandomSource {
  const [low, high] = wordsOf("simulationRandom", seed);
  const start = mix32(low ^ mix32((high + 0x632be5ab) >>> 0));
  return xoshiro128(
    splitmix32(start, 0),
    splitmix32(start, 1),
    splitmix32(start ^ high, 2),
    splitmix32(start ^ low, 3),
  );
}

const LANES = [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344];

/**
 * A source that depends on (seed, keys) alone and not on what was drawn elsewhere, so that every scheme meets the same
 * fault of (tab, round). Four lanes, begun at digits of pi, each absorb every word; (1) and (1, 0) differ.
 *
 * @param keys safe integers, in an order that matters
 * @throws RangeError where the seed or a key is no safe integer
 */
export function randomAt(seed: number, ...keys: number[]): RandomSource {
  const words = [keys.length];
  for (const value of [seed, ...keys]) words.push(...wordsOf("randomAt", value));
  const lanes = LANES.map((begin, lane) => {
    let state = begin;
    words.forEach((word, place) => {
      state = splitmix32(mix32((state ^ word) >>> 0), place * LANES.length + lane);
    });
    return state;
  });
  return xoshiro128(lanes[0]!, lanes[1]!, lanes[2]!, lanes[3]!);
}

export { exponential, normal, shuffle } from "./draws.ts";
