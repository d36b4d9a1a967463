/** Randomness is always an argument. Two makers exist: simulationRandom(seed), replayable, and the shell's secretRandom. */
export interface RandomSource {
  /** A whole number, uniform in [0, bound). 1 <= bound <= 2^32. Unbiased (rejection sampling). */
  integer(bound: number): number;
  /** Uniform in [0, 1) with 53 bits. */
  uniform(): number;
}
