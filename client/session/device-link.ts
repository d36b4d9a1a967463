/** The link by which another device works under one's name: `ADDRESS/#device=KEY.UNTIL.SIGNATURE`, binary parts in url-safe base64. */
import type { Identify } from "../../shared/protocol/messages.ts";

export type DeviceLink = NonNullable<Identify["device"]>;

const LINK = /^([A-Za-z0-9_-]{87})\.(\d{1,15})\.([A-Za-z0-9_-]{86})$/;

/** @example writeDeviceLink(link) // -> "BMd3...w.1790000000000.aF4s...Q" */
export function writeDeviceLink({ publicKey, expiresMs, signature }: DeviceLink): string {
  return [toBase64(publicKey), String(expiresMs), toBase64(signature)].join(".");
}

/** @returns null: it is none */
export function readDeviceLink(text: string): DeviceLink | null {
  const [, key, until, signed] = LINK.exec(text) ?? [];
  if (key === undefined || until === undefined || signed === undefined) return null;
  return { publicKey: fromBase64(key), expiresMs: Number(until), signature: fromBase64(signed) };
}

function toBase64(bytes: Uint8Array): string {
  const text = btoa(String.fromCharCode(...bytes));
  return text.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

function fromBase64(text: string): Uint8Array {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}
