/**
 * Socket.IO hands binary fields to browsers as ArrayBuffer, to Node as Buffer; the message schemas know Uint8Array.
 * @returns the message with every ArrayBuffer in it seen as bytes; nothing is copied but plain objects and arrays
 */
export function asBytes(message: unknown): unknown {
  if (message instanceof ArrayBuffer) return new Uint8Array(message);
  if (Array.isArray(message)) return message.map(asBytes);
  if (message === null || typeof message !== "object" || ArrayBuffer.isView(message)) return message;
  return Object.fromEntries(Object.entries(message).map(([key, value]) => [key, asBytes(value)]));
}
