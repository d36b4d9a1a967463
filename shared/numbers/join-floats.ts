/**
 * All of them in a new array, one after the other.
 * @example joinFloats([Float32Array.of(1), Float32Array.of(2, 3)]) // -> Float32Array [1, 2, 3]
 */
export function joinFloats(parts: readonly Float32Array[]): Float32Array<ArrayBuffer> {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
