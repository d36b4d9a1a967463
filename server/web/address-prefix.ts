/** The network a tab comes from, coarse: an IPv4 /24 or an IPv6 /48. Enough to count by, too little to find somebody. */
import { isIPv4, isIPv6 } from "node:net";

/**
 * @param forwardedFor the X-Forwarded-For header as the trusted proxy left it: its last entry is what the proxy saw
 * @returns null for loopback and for what is no address
 */
export function addressPrefix(forwardedFor: string | undefined): string | null {
  const last = forwardedFor?.split(",").at(-1)?.trim() ?? "";
  const address = last.replace(/^::ffff:(?=\d+\.)/i, "");
  if (isIPv4(address)) {
    return address.startsWith("127.") ? null : `${address.split(".").slice(0, 3).join(".")}.0/24`;
  }
  if (!isIPv6(address) || address === "::1") return null;
  const groups = expand(address.split("%")[0]!);
  return `${groups.slice(0, 3).join(":")}::/48`;
}

/** The eight groups of an IPv6 address, without leading zeros. */
function expand(address: string): string[] {
  const [head = "", tail = ""] = address.toLowerCase().split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === "" ? [] : tail.split(":");
  const zeros = Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => "0");
  return [...left, ...zeros, ...right].map((group) => group.replace(/^0+(?=.)/, ""));
}
