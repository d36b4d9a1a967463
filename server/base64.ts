/**
 * The bytes of a typed array in base64, without a copy of them.
 * @example inBase64(Uint8Array.of(1, 2, 3)) // -> "AQID"
 */
export function inBase64({ buffer, byteOffset, byteLength }: ArrayBufferView): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString("base64");
}
