import fc from "fast-check";
import { expect, test } from "vitest";
import { readDeviceLink, writeDeviceLink } from "./device-link.ts";

test("a link comes back as it was written, and needs no escaping in an address", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 65, maxLength: 65 }),
      fc.uint8Array({ minLength: 64, maxLength: 64 }),
      fc.nat(2 ** 40),
      (publicKey, signature, expiresMs) => {
        const text = writeDeviceLink({ publicKey, signature, expiresMs });
        expect(encodeURIComponent(text)).toBe(text);
        expect(readDeviceLink(text)).toEqual({ publicKey, signature, expiresMs });
      },
    ),
  );
});

test("anything else is no link", () => {
  const whole = writeDeviceLink({ publicKey: new Uint8Array(65), signature: new Uint8Array(64), expiresMs: 7 });
  for (const text of ["", "a.b.c", whole.slice(1), `${whole}x`, whole.replace(".7.", ".-7.")])
    expect(readDeviceLink(text), text).toBeNull();
});
