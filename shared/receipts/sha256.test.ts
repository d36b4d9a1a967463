import { createHash, createHmac } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { bytesOfHex, hexOf, utf8 } from "./bytes.ts";
import { digestOf, hmacSha256, Sha256 } from "./sha256.ts";

test("digests are those of Node's library, whatever the pieces, and an instance begins anew after each", () => {
  const hash = new Sha256();
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 6 }), (pieces) => {
      const theirs = createHash("sha256");
      for (const piece of pieces) {
        hash.update(piece);
        theirs.update(piece);
      }
      expect(hexOf(hash.digest())).toBe(theirs.digest("hex"));
    }),
    { seed: 15_001, numRuns: 500 },
  );
});

test("every length around the ends of blocks has its own padding", () => {
  for (let length = 0; length <= 200; length++) {
    const bytes = Uint8Array.from({ length }, (_, i) => i * 7);
    expect(hexOf(digestOf(bytes))).toBe(createHash("sha256").update(bytes).digest("hex"));
  }
});

test("the examples of FIPS 180-4", () => {
  const of = (text: string) => hexOf(digestOf(utf8(text)));
  expect(of("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  expect(of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")).toBe(
    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
  );
});

test("keyed digests are those of Node's library; a key beyond a block is refused", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), fc.uint8Array({ maxLength: 300 }), (key, message) => {
      expect(hexOf(hmacSha256(key, message))).toBe(createHmac("sha256", key).update(message).digest("hex"));
    }),
    { seed: 15_002, numRuns: 200 },
  );
  expect(() => hmacSha256(new Uint8Array(65), new Uint8Array())).toThrow("at most 64 bytes");
});

test("hex goes both ways, and nothing else is taken for it", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      expect(bytesOfHex(hexOf(bytes))).toEqual(bytes);
    }),
    { seed: 15_003, numRuns: 100 },
  );
  for (const text of ["0", "0G", "AB", " 00", "00\n"]) expect(() => bytesOfHex(text)).toThrow(RangeError);
});
