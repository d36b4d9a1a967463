/** Answers are float32: whole numbers that it does not hold exactly are none. */

/** Of outputs of other types than float32: what is larger is not held, whatever it is. All up to here are exact in float64. */
export const WHOLE_ANSWER_MAX = 2 ** 52;

/** @returns an infinity in place of a whole number that would become its neighbour: a row with it is marked as one without numbers */
export function heldByFloat32(value: number): number {
  const isHeld = Math.abs(value) <= WHOLE_ANSWER_MAX && Math.fround(value) === value;
  return isHeld ? value : Math.sign(value) * Number.POSITIVE_INFINITY;
}
