import { studentUpper } from "./student.ts";

/**
 * Mean of some measurements, with half the width of its 95 % interval (Student's t).
 * @returns null for what the measurements are too few for: a mean needs one, an interval two
 * @example meanInterval([1, 2, 3]) // -> { mean: 2, halfWidth: 2.484138... }
 */
export function meanInterval(values: readonly number[]): { mean: number | null; halfWidth: number | null } {
  const count = values.length;
  if (count === 0) return { mean: null, halfWidth: null };
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  if (count === 1) return { mean, halfWidth: null };
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (count - 1);
  return { mean, halfWidth: studentUpper(count - 1, 0.025) * Math.sqrt(variance / count) };
}
