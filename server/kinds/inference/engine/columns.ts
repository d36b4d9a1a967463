/** What is held of each query of a job: one typed array for each fact, in the order of the queries. */

type Column = Float32Array | Float64Array | Uint8Array | Int32Array | Uint16Array;

/**
 * The same array with another length. Its buffer has room for as much again: a stream grows by a row at a time.
 * @param empty what new places hold
 */
export function lengthened<A extends Column>(array: A, length: number, empty: number): A {
  const Typed = array.constructor as new (buffer: ArrayBufferLike, byteOffset: number, length: number) => A;
  const bytes = length * array.BYTES_PER_ELEMENT;
  // Those that come in their place know nothing of them.
  if (length < array.length) array.fill(empty as never, length);
  if (bytes <= array.buffer.byteLength) return new Typed(array.buffer, 0, length);
  const isFirst = array.length === 0;
  const Room = array.buffer instanceof SharedArrayBuffer ? SharedArrayBuffer : ArrayBuffer;
  const room = new Room(isFirst ? bytes : 2 * bytes);
  const whole = new Typed(room, 0, room.byteLength / array.BYTES_PER_ELEMENT);
  // Zeros are there, and take no memory before they are written: of millions of answers most are a while off.
  if (empty !== 0) whole.fill(empty as never);
  whole.set(array as never);
  return new Typed(room, 0, length);
}
