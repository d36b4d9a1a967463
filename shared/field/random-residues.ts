/** A part of RandomSource (shared/random): this room imports nothing. Rejection sampling makes it unbiased. */
export interface ResidueSource {
  /** Uniform in [0, bound). */
  integer(bound: number): number;
}

/**
 * Residues that are uniform and independent, for masks, secrets and projections: the source is cryptographic then.
 * @example areResidues(randomResidues(3, 7, simulationRandom(1)), 7) // -> true
 */
export function randomResidues(count: number, modulus: number, random: ResidueSource): Uint32Array {
  return Uint32Array.from({ length: count }, () => random.integer(modulus));
}
