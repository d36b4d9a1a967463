/**
 * Where a request comes from, as far as limits need to know: a key that stands for its address and cannot be turned back
 * into it (keyed anew by every process), and its network. The address itself is neither kept nor logged.
 */
import { createHmac, randomBytes } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { addressGroup, addressPrefix, networkOf, plainAddress } from "./address-prefix.ts";

export interface ClientAddress {
  /** null: this machine, or a proxy on it whose word we do not take. Nothing is counted then. */
  readonly key: string | null;
  /** IPv4 /24 or IPv6 /48 */
  readonly prefix: string | null;
  /** See addressGroup. */
  readonly group: string | null;
  /** The address itself, for bans by hand: held while its connection is open, and nowhere written. null as `key`. */
  readonly address: string | null;
}

export type AddressReader = (headers: IncomingHttpHeaders, remoteAddress: string | undefined) => ClientAddress;

const KEY_BYTES = 32;
const KEY_LENGTH = 22;
/** One IPv6 customer has at least so many bits to choose from: they count as one address. */
const IPV6_ADDRESS_GROUPS = 4;

/** @param trustProxy the last entry of X-Forwarded-For was written by a proxy of ours; otherwise the header is not read */
export function createAddressReader(trustProxy: boolean): AddressReader {
  const key = randomBytes(KEY_BYTES);
  return (headers, remoteAddress) => {
    const address = trustProxy ? headers["x-forwarded-for"]?.toString() : remoteAddress;
    const host = networkOf(address, { ipv4Groups: 4, ipv6Groups: IPV6_ADDRESS_GROUPS });
    if (host === null) return { key: null, prefix: null, group: null, address: null };
    const digest = createHmac("sha256", key).update(host).digest("base64url");
    const [prefix, group] = [addressPrefix(address), addressGroup(address)];
    return { key: digest.slice(0, KEY_LENGTH), prefix, group, address: plainAddress(address) };
  };
}
