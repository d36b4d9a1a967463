/** Keys of volunteers, as receipts show them: P-256 (FIPS 186-5), signatures in IEEE P1363 form. */

import { hexOf } from "./bytes.ts";
import { bytesOfBase64, NoSignaturesError } from "./ed25519.ts";
import { digestOf } from "./sha256.ts";

const KEY = { name: "ECDSA", namedCurve: "P-256" } as const;
const SIGNATURE = { name: "ECDSA", hash: "SHA-256" } as const;

/** @returns the first 32 hex digits of the key's sha-256 */
export function volunteerIdOf(publicKey: Uint8Array): string {
  return hexOf(digestOf(publicKey)).slice(0, 32);
}

/** Checks many signatures of few keys: each key is read once. */
export class VolunteerKeys {
  readonly #keys = new Map<string, Promise<CryptoKey | null>>();
  readonly #ids = new Map<string, string>();

  /** As volunteerIdOf. @param publicKey 65 bytes, in base64 */
  idOf(publicKey: string): string {
    const id = this.#ids.get(publicKey) ?? volunteerIdOf(bytesOfBase64(publicKey));
    this.#ids.set(publicKey, id);
    return id;
  }

  /**
   * @param publicKey 65 bytes, in base64
   * @param signature 64 bytes
   * @throws NoSignaturesError where signatures cannot be checked here
   */
  async isSigned(
    publicKey: string,
    message: Uint8Array<ArrayBuffer>,
    signature: Uint8Array<ArrayBuffer>,
  ): Promise<boolean> {
    const subtle = (globalThis.crypto as Crypto | undefined)?.subtle;
    if (subtle === undefined)
      throw new NoSignaturesError("expected a page that came by TLS, got one without WebCrypto");
    const known =
      this.#keys.get(publicKey) ??
      // A point that is not on the curve signs nothing.
      subtle.importKey("raw", bytesOfBase64(publicKey), KEY, false, ["verify"]).catch(() => null);
    this.#keys.set(publicKey, known);
    const key = await known;
    return key !== null && subtle.verify(SIGNATURE, key, signature, message);
  }
}
