/**
 * Import this before anything starts a worker: the pages' policy (require-trusted-types-for) takes no bare text for an address
 * of a script, and this says which text it may be after all: one of our own origin. Nothing turns text into markup or code.
 */
interface TrustedTypes {
  createPolicy(name: "default", rules: { createScriptURL(text: string): string }): unknown;
}

/** @throws TypeError where it is an address of somebody else */
export function ownScriptUrl(text: string, base: string): string {
  const url = new URL(text, base);
  if (url.origin === new URL(base).origin && url.protocol.startsWith("http")) return url.href;
  throw new TypeError(`a script's address: expected one of this origin, got ${url.origin}`);
}

const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
trustedTypes?.createPolicy("default", { createScriptURL: (text) => ownScriptUrl(text, self.location.href) });
