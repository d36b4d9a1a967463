import { expect, test } from "vitest";
import { addressGroup, addressPrefix } from "./address-prefix.ts";

test("[CC3] in private ranges each address is a group, elsewhere a network is, and loopback is none", () => {
  const groups = Object.fromEntries(
    ["10.1.2.3", "172.16.0.9", "172.31.255.1", "192.168.1.20", "::ffff:192.168.1.20"].map((address) => [
      address,
      addressGroup(address),
    ]),
  );
  expect(groups).toEqual({
    "10.1.2.3": "10.1.2.3/32",
    "172.16.0.9": "172.16.0.9/32",
    "172.31.255.1": "172.31.255.1/32",
    "192.168.1.20": "192.168.1.20/32",
    "::ffff:192.168.1.20": "192.168.1.20/32",
  });
  for (const address of ["203.0.113.77", "172.32.0.1", "192.169.1.1", "11.0.0.1", "2001:db8:1:2::3", "fd00::1"])
    expect(addressGroup(address), address).toBe(addressPrefix(address));
  for (const address of ["127.0.0.1", "::1", "no address", undefined]) expect(addressGroup(address)).toBeNull();
});
