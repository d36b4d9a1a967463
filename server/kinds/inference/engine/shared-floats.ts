/** Numbers in shared memory: threads read them without copying them. */

export function sharedFloats(length: number): Float32Array {
  return new Float32Array(new SharedArrayBuffer(length * Float32Array.BYTES_PER_ELEMENT));
}

/** @param length room for so many, at least as many as there are; the rest is 0 */
export function inShared(values: Float32Array, length: number = values.length): Float32Array {
  const copy = sharedFloats(length);
  copy.set(values);
  return copy;
}
