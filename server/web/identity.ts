/** Who a volunteer is: the holder of a P-256 key, proved by a signature over our nonce. */

import { webcrypto } from "node:crypto";
import { type Identify, identityStatement } from "../../shared/protocol/messages.ts";

const KEY = { name: "ECDSA", namedCurve: "P-256" } as const;
const SIGNATURE = { name: "ECDSA", hash: "SHA-256" } as const;

/** Does this message's key sign this nonce? A point that is not on the curve signs nothing. */
export async function provesKey({ publicKey, signature }: Identify, nonce: Uint8Array): Promise<boolean> {
  try {
    const key = await webcrypto.subtle.importKey("raw", copy(publicKey), KEY, false, ["verify"]);
    return await webcrypto.subtle.verify(SIGNATURE, key, copy(signature), copy(identityStatement(nonce)));
  } catch {
    return false;
  }
}

const copy = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => Uint8Array.from(bytes);
