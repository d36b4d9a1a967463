/** Signatures as the browser and Node check them: Ed25519 (RFC 8032) of WebCrypto. */

/** There is no WebCrypto (a page without TLS), or it knows no Ed25519 (a browser of before 2025). */
export class NoSignaturesError extends Error {
  override readonly name = "NoSignaturesError";
}

/**
 * @param publicKey 32 bytes
 * @param signature 64 bytes
 * @throws NoSignaturesError where signatures cannot be checked here
 */
export async function isSignedBy(
  publicKey: Uint8Array<ArrayBuffer>,
  message: Uint8Array<ArrayBuffer>,
  signature: Uint8Array<ArrayBuffer>,
): Promise<boolean> {
  const subtle = (globalThis.crypto as Crypto | undefined)?.subtle;
  if (subtle === undefined) throw new NoSignaturesError("expected a page that came by TLS, got one without WebCrypto");
  let key: CryptoKey;
  try {
    key = await subtle.importKey("raw", publicKey, "Ed25519", false, ["verify"]);
  } catch (error) {
    if (error instanceof Error && error.name === "NotSupportedError") {
      throw new NoSignaturesError("expected a browser that knows Ed25519; a newer one does", { cause: error });
    }
    return false; // not a point of the curve
  }
  return subtle.verify("Ed25519", key, signature, message);
}

/** @param text base64 of the one form that sealedReceiptSchema asks for */
export function bytesOfBase64(text: string): Uint8Array<ArrayBuffer> {
  const letters = atob(text);
  const bytes = new Uint8Array(letters.length);
  for (let i = 0; i < letters.length; i++) bytes[i] = letters.charCodeAt(i);
  return bytes;
}

export function base64Of(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}
