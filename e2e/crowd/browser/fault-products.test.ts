import { expect, test } from "vitest";
import { MODULUS } from "../../../shared/field/modulus.ts";
import { ATTACK_CONSTANT } from "../product-lies.ts";
import { lieAboutProduct, type ProductLieContext } from "./fault-products.ts";
import type { Lie } from "./fault-profile.ts";

const context: ProductLieContext = { seed: 1, tab: 2, round: 3, product: "forward", previous: null, colluder: null };
const honest = Uint32Array.of(0, 1, MODULUS - 1, 5, 6, 7);
const lieWith = (lie: Lie, changes: Partial<ProductLieContext> = {}, width = 2) => [
  ...lieAboutProduct(lie, honest, width, { ...context, ...changes }),
];

test("reverse sends -c times the product, and a sign flip is c = 1", () => {
  const minus = [0, MODULUS - 1, 1, MODULUS - 5, MODULUS - 6, MODULUS - 7];
  expect(lieWith({ name: "sign-flip" })).toEqual(minus);
  expect(lieWith({ name: "reverse", factor: 1 })).toEqual(minus);
  const threefold = [0, MODULUS - 3, 3, MODULUS - 15, MODULUS - 18, MODULUS - 21];
  expect(lieWith({ name: "reverse", factor: 3 })).toEqual(threefold);
  const most = 2 ** 22;
  const exact = [...honest].map((residue) =>
    Number((BigInt(MODULUS) - ((BigInt(residue) * BigInt(most)) % BigInt(MODULUS))) % BigInt(MODULUS)),
  );
  expect(lieWith({ name: "reverse", factor: most })).toEqual(exact);
});

test("other-query, constant, replay and swap do what their names say", () => {
  expect(lieWith({ name: "other-query" })).toEqual([MODULUS - 1, 5, 6, 7, 0, 1]);
  expect(lieWith({ name: "other-query" }, {}, 6)).toEqual([1, MODULUS - 1, 5, 6, 7, 0]);
  expect(lieWith({ name: "constant" })).toEqual(Array(6).fill(ATTACK_CONSTANT));
  const other = Uint32Array.of(6, 5, 4, 3, 2, 1);
  expect(lieWith({ name: "replay" }, { previous: other })).toEqual([...other]);
  expect(lieWith({ name: "swap" }, { colluder: other })).toEqual([...other]);
});

test("whoever has nothing to replay or to swap yet is honest, and so is a sleeper before its round", () => {
  expect(lieWith({ name: "replay" })).toEqual([...honest]);
  expect(lieWith({ name: "swap" })).toEqual([...honest]);
  expect(lieWith({ name: "sleeper", rounds: 4 })).toEqual([...honest]);
  expect(lieWith({ name: "sleeper", rounds: 3 })).toEqual(lieWith({ name: "sign-flip" }));
});

test("one-entry changes one residue by one, in a place that seed, tab and round choose", () => {
  const places = new Set<number>();
  for (let round = 0; round < 40; round++) {
    const lied = lieWith({ name: "one-entry" }, { round });
    const changed = lied.flatMap((residue, i) => (residue === honest[i] ? [] : [i]));
    expect(changed).toHaveLength(1);
    expect(lied[changed[0]!]).toBe((honest[changed[0]!]! + 1) % MODULUS);
    places.add(changed[0]!);
  }
  expect(places.size).toBe(6);
});

test("noise is made of residues, the same for the same seed, tab, round and product alone", () => {
  const noise = lieWith({ name: "noise", sigma: 1 });
  expect(lieWith({ name: "noise", sigma: 1 })).toEqual(noise);
  for (const other of [{ seed: 2 }, { tab: 3 }, { round: 4 }, { product: "backward" as const }]) {
    expect(lieWith({ name: "noise", sigma: 1 }, other)).not.toEqual(noise);
  }
  expect(noise.every((residue) => residue < MODULUS)).toBe(true);
});

test("what was computed is not changed in place", () => {
  expect([...honest]).toEqual([0, 1, MODULUS - 1, 5, 6, 7]);
});
