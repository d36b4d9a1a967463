/** The network a tab comes from, coarse: an IPv4 /24 or an IPv6 /48. Enough to count by, too little to find somebody. */
import { isIPv4, isIPv6 } from "node:net";

/**
 * @param forwardedFor the X-Forwarded-For header as the trusted proxy left it: its last entry is what the proxy saw. Or one
 *   address.
 * @returns null for loopback and for what is no address
 */
export function addressPrefix(forwardedFor: string | undefined): string | null {
  return networkOf(forwardedFor, { ipv4Groups: 3, ipv6Groups: 3 });
}

/**
 * [CC3] Who is taken for a stranger to whom: in private ranges of IPv4, where one network may be a whole school, each address by itself;
 * elsewhere the network.
 * @param address one address, or a header as in addressPrefix
 * @returns null as in addressPrefix
 */
export function addressGroup(address: string | undefined): string | null {
  const host = networkOf(address, { ipv4Groups: 4, ipv6Groups: 3 });
  return host !== null && PRIVATE_IPV4.test(host) ? host : addressPrefix(address);
}

/** 10/8, 172.16/12 and 192.168/16 (RFC 1918). */
const PRIVATE_IPV4 = /^(10\.|172\.(1[6-9]|2\d|3[01])\.|192\.168\.)/;

/** Its last entry, without a zone; IPv4 as such where it comes in IPv6's clothes. */
export function plainAddress(forwardedFor: string | undefined): string {
  const last = forwardedFor?.split(",").at(-1)?.trim() ?? "";
  return last.replace(/^::ffff:(?=\d+\.)/i, "").replace(/%.*$/, "");
}

/** The first so many groups of the address (of 4 in IPv4, of 8 in IPv6); null as in addressPrefix. */
export function networkOf(
  forwardedFor: string | undefined,
  { ipv4Groups, ipv6Groups }: { ipv4Groups: number; ipv6Groups: number },
): string | null {
  const address = plainAddress(forwardedFor);
  if (isIPv4(address)) {
    if (address.startsWith("127.")) return null;
    const groups = address.split(".").map((group, i) => (i < ipv4Groups ? group : "0"));
    return `${groups.join(".")}/${ipv4Groups * 8}`;
  }
  if (!isIPv6(address) || address === "::1") return null;
  const groups = expand(address);
  return `${groups.slice(0, ipv6Groups).join(":")}::/${ipv6Groups * 16}`;
}

/** The eight groups of an IPv6 address, without leading zeros. */
function expand(address: string): string[] {
  const [head = "", tail = ""] = address.toLowerCase().split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === "" ? [] : tail.split(":");
  const zeros = Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => "0");
  return [...left, ...zeros, ...right].map((group) => group.replace(/^0+(?=.)/, ""));
}
