import { expect, test } from "vitest";
import { FieldError } from "./field-error.ts";
import {
  areResidues,
  centredFromResidues,
  centredOf,
  MODULUS,
  requireModulus,
  requireResidues,
  residueOf,
  residuesFromCentred,
} from "./modulus.ts";

test("residues and centred residues are the same numbers, there and back, for every residue of small fields", () => {
  let caseCount = 0;
  for (const modulus of [2, 3, 5, 7, 101]) {
    for (let residue = 0; residue < modulus; residue++, caseCount++) {
      const centred = centredOf(residue, modulus);
      expect(residueOf(centred, modulus)).toBe(residue);
      expect(Math.abs(centred)).toBeLessThanOrEqual(modulus / 2);
    }
  }
  expect(caseCount).toBe(2 + 3 + 5 + 7 + 101);
});

test("mod q the middle is where the sign changes", () => {
  const residues = Uint32Array.of(0, 1, 2 ** 30 - 1, 2 ** 30, MODULUS - 1);
  const centred = centredFromResidues(residues);
  expect([...centred]).toEqual([0, 1, 2 ** 30 - 1, -(2 ** 30 - 1), -1]);
  expect(residuesFromCentred(centred)).toEqual(residues);
});

test("what is no residue is told apart, NaN and fractions too", () => {
  expect(areResidues([0, 6], 7)).toBe(true);
  for (const wrong of [7, -1, 0.5, Number.NaN]) expect(areResidues([wrong], 7)).toBe(false);
  expect(() => requireResidues("here", [1, 7], 7)).toThrow("here: expected residues in [0, 7), got 7 at 1");
});

test("a modulus is a whole number from 2 to 2^32-1", () => {
  for (const wrong of [0, 1, -7, 2.5, 2 ** 32, Number.NaN])
    expect(() => requireModulus("here", wrong)).toThrow(FieldError);
  for (const right of [2, 3, 2 ** 32 - 5, 2 ** 32 - 1]) requireModulus("here", right);
});
