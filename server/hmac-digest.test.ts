import { createHmac } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { HmacDigest } from "./hmac-digest.ts";

test("is the HMAC of node:crypto, of texts of any length and alphabet one after the other", () => {
  const texts = fc.array(fc.string({ unit: "binary", maxLength: 400 }), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), texts, (key, all) => {
      const digest = new HmacDigest(key);
      for (const text of all) {
        expect(digest.of(text)).toBe(createHmac("sha256", key).update(text).digest("binary"));
      }
    }),
    { seed: 17_031, numRuns: 300 },
  );
});

test("refuses a key that is longer than a block, which would have to be hashed first", () => {
  expect(() => new HmacDigest(new Uint8Array(65))).toThrow("expected a key of at most 64 bytes, got 65");
});
