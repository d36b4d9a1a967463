import fc from "fast-check";
import { expect, test } from "vitest";
import { bytesOfHex, hexOf } from "./bytes.ts";
import { MerkleRoot } from "./merkle.ts";
import { digestOf } from "./sha256.ts";

/** The leaves and roots of the tests of certificate transparency's reference implementation: root n is of the first n leaves. */
const LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
const ROOTS = [
  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
  "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
  "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
  "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
  "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
  "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
  "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
  "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

function rootOf(leaves: readonly Uint8Array[]): string {
  const tree = new MerkleRoot();
  for (const leaf of leaves) tree.add(leaf);
  return hexOf(tree.root());
}

/** Straight from RFC 6962, section 2.1. */
function definition(leaves: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  if (leaves.length === 0) return digestOf();
  if (leaves.length === 1) return digestOf(Uint8Array.of(0), leaves[0]!);
  let half = 1;
  while (2 * half < leaves.length) half *= 2;
  return digestOf(Uint8Array.of(1), definition(leaves.slice(0, half)), definition(leaves.slice(half)));
}

test("roots are those of certificate transparency's tests, asked for leaf by leaf", () => {
  const tree = new MerkleRoot();
  expect(hexOf(tree.root())).toBe(ROOTS[0]);
  for (const [n, leaf] of LEAVES.entries()) {
    tree.add(bytesOfHex(leaf));
    expect(hexOf(tree.root())).toBe(ROOTS[n + 1]);
  }
  expect(tree.count).toBe(LEAVES.length);
});

test("the root is what RFC 6962 defines, of any number of leaves", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 70 }), (leaves) => {
      expect(rootOf(leaves)).toBe(hexOf(definition(leaves)));
    }),
    { seed: 15_005, numRuns: 200 },
  );
});

test("a leaf changed, removed, added, repeated or moved makes another root", () => {
  const leaf = fc.uint8Array({ minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(fc.array(leaf, { minLength: 2, maxLength: 40 }), fc.nat(), fc.nat(), leaf, (leaves, a, b, other) => {
      const [i, j] = [a % leaves.length, b % leaves.length];
      const root = rootOf(leaves);
      const is = (one: Uint8Array, two: Uint8Array) => hexOf(one) === hexOf(two);
      const same = (changed: readonly Uint8Array[]) =>
        changed.length === leaves.length && changed.every((one, k) => is(one, leaves[k]!));
      const swapped = leaves.map((one, k) => (k === i ? leaves[j]! : k === j ? leaves[i]! : one));
      for (const changed of [leaves.with(i, other), leaves.toSpliced(i, 1), leaves.toSpliced(i, 0, other), swapped]) {
        expect(rootOf(changed) === root).toBe(same(changed));
      }
    }),
    { seed: 15_006, numRuns: 200 },
  );
});

test("a node is no leaf: two leaves are not one that holds their digests", () => {
  const [one, two] = [Uint8Array.of(1), Uint8Array.of(2)];
  const digests = [one, two].map((leaf) => digestOf(Uint8Array.of(0), leaf));
  const tree = new MerkleRoot();
  tree.add(...digests);
  expect(hexOf(tree.root())).not.toBe(rootOf([one, two]));
});
