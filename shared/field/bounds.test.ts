import { expect, test } from "vitest";
import {
  biasedLaneRange,
  centredSumRange,
  halfProductsPerReduction,
  LANE_BIAS,
  laneHolds,
  PRODUCTS_PER_FOLD,
  productsPerSignedFold,
  signedFoldRange,
  signedLaneHolds,
  unsignedFoldRange,
} from "./bounds.ts";
import { CENTRED_MAX, MODULUS } from "./modulus.ts";

const q = 2n ** 31n - 1n;

test("q is 2^31-1 and the largest centred residue is (q-1)/2 = 2^30-1", () => {
  expect(BigInt(MODULUS)).toBe(q);
  expect(BigInt(CENTRED_MAX)).toBe((q - 1n) / 2n);
});

test("eight products of centred residues sum to at most 2^63 - 2^34 + 8", () => {
  expect(centredSumRange(PRODUCTS_PER_FOLD).most).toBe(2n ** 63n - 2n ** 34n + 8n);
});

test("the fold of any signed 64-bit number lies in [-2^32, 2^32 + 2^31 - 2] and is the same mod q", () => {
  const signedFold = (x: bigint) => (x & q) + (x >> 31n);
  const { least, most } = signedFoldRange();
  expect([least, most]).toEqual([-(2n ** 32n), 2n ** 32n + 2n ** 31n - 2n]);
  for (const x of [-(2n ** 63n), 2n ** 63n - 1n, -1n, 0n, q, -q, 2n ** 62n + 12_345n]) {
    const folded = signedFold(x);
    expect(folded >= least && folded <= most).toBe(true);
    expect((x - folded) % q).toBe(0n);
  }
  // Both ends are reached.
  expect(signedFold(-(2n ** 63n))).toBe(least);
  expect(signedFold(2n ** 63n - 1n)).toBe(most);
});

test("the lane's bias is a multiple of q", () => {
  expect(LANE_BIAS % q).toBe(0n);
  expect(LANE_BIAS).toBe(2n * q * (2n ** 31n + 1n));
});

test("a biased lane holds eight products a fold for ever, and not nine", () => {
  expect(laneHolds(8)).toBe(true);
  expect(laneHolds(9)).toBe(false);
  expect(biasedLaneRange(8).least).toBe(2n ** 34n - 10n);
  expect(biasedLaneRange(8).most).toBe(2n ** 64n - 2n ** 34n + 2n ** 33n + 2n ** 31n + 4n);
});

test("a thousand blocks of the worst products stay in a lane and come out right", () => {
  const unsignedFold = (x: bigint) => (x & q) + (x >> 31n);
  const c = BigInt(CENTRED_MAX);
  for (const sign of [1n, -1n]) {
    let lane = LANE_BIAS;
    for (let block = 0; block < 1000; block++) {
      lane += sign * 8n * c * c;
      expect(lane >= 0n && lane < 2n ** 64n).toBe(true);
      expect(unsignedFold(lane) <= unsignedFoldRange().most).toBe(true);
      lane = unsignedFold(lane) + LANE_BIAS;
    }
    expect((lane - sign * 8000n * c * c) % q).toBe(0n);
  }
});

test("a signed lane holds eight centred products, four mixed ones, two of plain residues", () => {
  expect(signedLaneHolds(8)).toBe(true);
  expect(signedLaneHolds(9)).toBe(false);
  expect(productsPerSignedFold("centred", "centred")).toBe(8);
  expect(productsPerSignedFold("residue", "centred")).toBe(4);
  expect(productsPerSignedFold("residue", "residue")).toBe(2);
});

test("-2^30 would break the bound: eight squares of it are 2^63", () => {
  expect(8n * (2n ** 30n) ** 2n).toBe(2n ** 63n);
});

test("Float64 adds 64 half-products mod q exactly, and at least 32 for every modulus below 2^32", () => {
  expect(halfProductsPerReduction(MODULUS)).toBe(64);
  const most = (count: number, modulus: number) => BigInt(count) * 65_535n * BigInt(modulus - 1) + BigInt(modulus);
  for (const modulus of [MODULUS, 2 ** 32 - 5, 65_537]) {
    const count = halfProductsPerReduction(modulus);
    expect(count).toBeGreaterThanOrEqual(32);
    expect(most(count, modulus) <= 2n ** 53n).toBe(true);
    expect(most(count + 1, modulus) > 2n ** 53n).toBe(true);
  }
});

test("the bound of half-products is exact for every modulus, also where one more would nearly fit", () => {
  let nearlyCount = 0;
  for (let modulus = 2 ** 32 - 1; modulus > 2 ** 31; modulus -= 10_007) {
    const count = halfProductsPerReduction(modulus);
    const product = 65_535n * BigInt(modulus - 1);
    const sum = BigInt(count) * product + BigInt(modulus);
    expect(sum <= 2n ** 53n && sum + product > 2n ** 53n).toBe(true);
    if (sum + product <= 2n ** 53n + 2n * BigInt(modulus)) nearlyCount++;
  }
  // Of so many some lie within two residues of the bound: there a mistake of that size shows.
  expect(nearlyCount).toBeGreaterThan(0);
});
