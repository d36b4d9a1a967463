/**
 * The IDX format of the MNIST files: two zero bytes, a type byte (8: unsigned bytes), a rank byte, the sizes as big-endian
 * 32-bit numbers, then the data, row-major.
 */

export class IdxError extends Error {
  override readonly name = "IdxError";
}

export interface IdxArray {
  readonly shape: readonly number[];
  /** A view into the file's bytes. */
  readonly data: Uint8Array;
}

const UNSIGNED_BYTE = 8;

/**
 * @param name says in errors which file it was
 * @throws IdxError where the bytes are not one IDX array of unsigned bytes
 */
export function readIdx(file: Uint8Array, name: string): IdxArray {
  const fail = (expected: string, got: string): never => {
    throw new IdxError(`${name}: expected ${expected}, got ${got}`);
  };
  if (file.length < 4) fail("an IDX header of 4 bytes", `${file.length} bytes`);
  const [zeroA, zeroB, type, rank] = file as unknown as [number, number, number, number];
  if (zeroA !== 0 || zeroB !== 0) fail("IDX to start with two zero bytes", `${zeroA}, ${zeroB}`);
  if (type !== UNSIGNED_BYTE) fail(`IDX type ${UNSIGNED_BYTE} (unsigned bytes)`, `type ${type}`);
  if (rank < 1) fail("at least one dimension", `${rank}`);

  const headerLength = 4 + 4 * rank;
  if (file.length < headerLength) fail(`a header of ${headerLength} bytes`, `${file.length} bytes`);
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  const size = shape.reduce((product, length) => product * length, 1);
  const data = file.subarray(headerLength);
  if (data.length !== size) fail(`${shape.join(" x ")} = ${size} bytes of data`, `${data.length}`);
  return { shape, data };
}
