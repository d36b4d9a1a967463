/** Networks that an operator names by hand, such as 203.0.113.0/24 or 2001:db8::/48. */
import { BlockList, isIP } from "node:net";

/**
 * @returns null: it is one, of 8 bits at least
 * @example problemOfNetwork("203.0.113.0/24") // -> null
 */
export function problemOfNetwork(prefix: string): string | null {
  const [address = "", bits = "", ...rest] = prefix.split("/");
  const most = isIP(address) === 6 ? 128 : 32;
  if (isIP(address) === 0 || rest.length > 0 || !/^\d{1,3}$/.test(bits) || Number(bits) > most || Number(bits) < 8)
    return `expected a network such as 203.0.113.0/24 or 2001:db8::/48, of 8 bits at least, got ${JSON.stringify(prefix)}`;
  return null;
}

/**
 * @param prefix as problemOfNetwork finds nothing wrong with it
 * @returns does an address belong to it? What is no address does not.
 * @throws where the prefix is none
 */
export function networkTest(prefix: string): (address: string) => boolean {
  const [address = "", bits = ""] = prefix.split("/");
  const list = new BlockList();
  list.addSubnet(address, Number(bits), familyOf(address));
  return (other) => isIP(other) !== 0 && list.check(other, familyOf(other));
}

function familyOf(address: string): "ipv4" | "ipv6" {
  return isIP(address) === 6 ? "ipv6" : "ipv4";
}
