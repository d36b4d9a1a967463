import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { MerkleRoot } from "../shared/receipts/merkle.ts";
import { rowHashesOf } from "../shared/receipts/result-digest.ts";
import { nativeDigest } from "./native-digest.ts";

test("writes the digest of node:crypto to its place, and nothing else", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat({ max: 20 }), (bytes, at) => {
      const into = new Uint8Array(60).fill(7);
      const expected = into.slice();
      expected.set(createHash("sha256").update(bytes).digest(), at);
      nativeDigest(bytes, into, at);
      expect(into).toEqual(expected);
    }),
    { seed: 18_041, numRuns: 300 },
  );
});

test("trees and hashes of rows are those that the browser's own makes", () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 120 }), { maxLength: 40 }),
      fc.integer({ min: 1, max: 9 }),
      (leaves, width) => {
        const [own, native] = [new MerkleRoot(), new MerkleRoot(nativeDigest)];
        for (const leaf of leaves) for (const tree of [own, native]) tree.add(leaf, Uint8Array.of(width));
        expect(native.root()).toEqual(own.root());
        const rows = Float32Array.from({ length: leaves.length * width }, (_, i) => i / 3);
        expect(rowHashesOf(rows, leaves.length, nativeDigest)).toEqual(rowHashesOf(rows, leaves.length));
      },
    ),
    { seed: 18_042, numRuns: 100 },
  );
});
