/** Student's t at .975 by degrees of freedom, from 1 on; NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.2. */
const STUDENT_T_975 = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131, 2.12, 2.11,
  2.101, 2.093, 2.086,
];

/**
 * Mean of some measurements, with half the width of its 95 % interval (Student's t). With more than 21 measurements the value
 * for 21 is taken, which is a little wide.
 * @returns null for what the measurements are too few for: a mean needs one, an interval two
 * @example meanInterval([1, 2, 3]) // -> { mean: 2, halfWidth: 2.484433... }
 */
export function meanInterval(values: readonly number[]): { mean: number | null; halfWidth: number | null } {
  const count = values.length;
  if (count === 0) return { mean: null, halfWidth: null };
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  if (count === 1) return { mean, halfWidth: null };
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (count - 1);
  const t = STUDENT_T_975[Math.min(count - 1, STUDENT_T_975.length) - 1]!;
  return { mean, halfWidth: t * Math.sqrt(variance / count) };
}
