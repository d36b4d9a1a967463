/** Whether another device could open this page and compute there. */
export type PhoneAddress =
  | { readonly kind: "reachable"; readonly address: string }
  /** Known to this computer alone. */
  | { readonly kind: "local" }
  /** Reachable perhaps, but without the keys and locks that computing needs. */
  | { readonly kind: "insecure" };

export function phoneAddressOf(origin: string, isSecureContext: boolean): PhoneAddress {
  const { hostname } = new URL(origin);
  const isLoopback =
    hostname === "localhost" || hostname.endsWith(".localhost") || hostname === "[::1]" || /^127\./.test(hostname);
  if (isLoopback) return { kind: "local" };
  return isSecureContext ? { kind: "reachable", address: `${origin}/` } : { kind: "insecure" };
}
