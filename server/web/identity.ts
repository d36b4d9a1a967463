/** Who a volunteer is: the holder of a P-256 key, proved by a signature over our nonce. */

import { webcrypto } from "node:crypto";
import { deviceStatement } from "../../shared/protocol/device-statement.ts";
import { DEVICE_LINK_MS } from "../../shared/protocol/limits.ts";
import { type Identify, identityStatement } from "../../shared/protocol/messages.ts";
import { volunteerIdOf } from "../../shared/receipts/volunteer-keys.ts";

const KEY = { name: "ECDSA", namedCurve: "P-256" } as const;
const SIGNATURE = { name: "ECDSA", hash: "SHA-256" } as const;

/** Does this message's key sign this nonce? A point that is not on the curve signs nothing. */
export async function provesKey({ publicKey, signature }: Identify, nonce: Uint8Array): Promise<boolean> {
  return isSigned(publicKey, signature, identityStatement(nonce));
}

/** [DV1] Whose device it says to be; null: nobody's, or the word is out of date, or not signed so. */
export async function ownerOf({ device }: Identify, nowMs: number): Promise<string | null> {
  if (device === undefined || device.expiresMs < nowMs || device.expiresMs > nowMs + 2 * DEVICE_LINK_MS) return null;
  const { publicKey, signature, expiresMs } = device;
  return (await isSigned(publicKey, signature, deviceStatement(expiresMs))) ? volunteerIdOf(publicKey) : null;
}

async function isSigned(publicKey: Uint8Array, signature: Uint8Array, statement: Uint8Array): Promise<boolean> {
  try {
    const key = await webcrypto.subtle.importKey("raw", copy(publicKey), KEY, false, ["verify"]);
    return await webcrypto.subtle.verify(SIGNATURE, key, copy(signature), copy(statement));
  } catch {
    return false;
  }
}

const copy = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => Uint8Array.from(bytes);
