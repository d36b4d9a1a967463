import { ModelError } from "./errors.ts";

/**
 * Elements of a tensor, checked before anything is allocated.
 * @param what names the tensor in errors
 * @throws ModelError where a dimension is no whole number >= 0, or the product exceeds `limit` (<= 2^53)
 */
export function checkedSize(shape: readonly number[], limit: number, what: string): number {
  let size = 1;
  for (const length of shape) {
    if (!Number.isSafeInteger(length) || length < 0) {
      throw new ModelError(`${what}: expected fixed whole dimensions, got [${shape.join(", ")}]`);
    }
    size *= length;
    if (size > limit)
      throw new ModelError(`${what}: expected at most ${limit} elements, got shape [${shape.join(", ")}]`);
  }
  return size;
}
