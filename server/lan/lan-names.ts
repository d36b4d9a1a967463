/** Under which names and addresses others on the network reach this machine. */
import { isIPv4 } from "node:net";
import type { NetworkInterfaceInfo } from "node:os";

export interface LanNames {
  /** IPv4, those of private ranges first. */
  readonly addresses: readonly string[];
  /** What the local network calls this machine, as phones and computers find it by multicast DNS. */
  readonly hostname: string;
}

/**
 * @param interfaces as os.networkInterfaces() gives them
 * @param hostname as os.hostname() gives it
 * @example
 * lanNames({ eth0: [{ address: "192.168.1.5", family: "IPv4", internal: false }] }, "lab.example")
 * // { addresses: ["192.168.1.5"], hostname: "lab.local" }
 */
export function lanNames(
  interfaces: Readonly<Record<string, readonly Pick<NetworkInterfaceInfo, "address" | "internal">[] | undefined>>,
  hostname: string,
): LanNames {
  const all = Object.values(interfaces).flatMap((addresses) => addresses ?? []);
  const others = all.filter(({ address, internal }) => !internal && isIPv4(address) && !address.startsWith("169.254."));
  const addresses = [...new Set(others.map(({ address }) => address))];
  const label = (hostname.split(".")[0] ?? "").toLowerCase().replaceAll(/[^a-z0-9-]/g, "") || "paritab";
  return {
    addresses: addresses.toSorted((a, b) => Number(isPrivate(b)) - Number(isPrivate(a))),
    hostname: `${label}.local`,
  };
}

/** RFC 1918, carrier-grade NAT, loopback. */
export const PRIVATE_RANGES: readonly (readonly [address: string, prefixBits: number])[] = [
  ["10.0.0.0", 8],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
];

export function isPrivate(address: string): boolean {
  const bits = bitsOf(address);
  return PRIVATE_RANGES.some(
    ([range, prefixBits]) => bits >>> (32 - prefixBits) === bitsOf(range) >>> (32 - prefixBits),
  );
}

const bitsOf = (address: string): number =>
  address.split(".").reduce((bits, part) => (bits << 8) | Number(part), 0) >>> 0;
