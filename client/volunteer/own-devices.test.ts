import { expect, test } from "vitest";
import { keepDeviceLink, linkForDevice } from "./own-devices.ts";

const HOUR_MS = 3_600_000;
const identity = { publicKey: new Uint8Array(65).fill(4), sign: async () => new Uint8Array(64).fill(7) };

function memory() {
  const kept = new Map<string, string>();
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  };
}

test("[DV1] a link is read from the address, kept until it is out of date, and holds for an hour", async () => {
  const address = await linkForDevice(identity, "https://paritab.example.org", 1_000);
  const { hash, origin } = new URL(address);
  expect(origin).toBe("https://paritab.example.org");
  const store = memory();
  const link = { publicKey: identity.publicKey, expiresMs: 1_000 + HOUR_MS, signature: new Uint8Array(64).fill(7) };
  expect(keepDeviceLink("", store, 1_000)).toBeNull();
  expect(keepDeviceLink(hash, store, 1_000)).toEqual(link);
  expect(keepDeviceLink("#content", store, HOUR_MS)).toEqual(link);
  expect(keepDeviceLink("", store, 1_000 + HOUR_MS)).toBeNull();
});
