import { expect, test } from "vitest";
import { phoneAddressOf } from "./phone-address.ts";

test("an address that another device can open and compute at", () => {
  expect(phoneAddressOf("https://paritab.example.org", true)).toEqual({
    kind: "reachable",
    address: "https://paritab.example.org/",
  });
});

test("a loopback address is this computer's own, secure or not", () => {
  for (const origin of ["http://localhost:8787", "http://127.0.0.1:8787", "http://[::1]:8787", "https://a.localhost"]) {
    expect(phoneAddressOf(origin, true)).toEqual({ kind: "local" });
  }
});

test("a plain address on the network lets no browser compute", () => {
  expect(phoneAddressOf("http://192.168.1.20:8787", false)).toEqual({ kind: "insecure" });
});
