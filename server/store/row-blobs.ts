/** Typed arrays as BLOBs in little-endian order, and back. */

/** A copy of the array's bytes: the caller may go on writing into the array. */
export function blobOf(array: Uint8Array | Uint32Array | Int32Array | Float32Array | Float64Array): Uint8Array {
  return Buffer.from(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
}

/** A copy in a buffer of its own, so that every typed array over it is aligned. */
export function bufferOf(blob: Uint8Array): ArrayBuffer {
  return Uint8Array.from(blob).buffer;
}
