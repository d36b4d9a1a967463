import { expect, test } from "vitest";
import { CodingError } from "./coding-error.ts";
import { makeScheme, workerCountOf } from "./make-scheme.ts";
import { registerSchemeContractTests } from "./scheme.contract.ts";
import { DEFAULT_SCHEME, SCHEME_NAMES, SCHEMES, type SchemeName, schemesThat } from "./schemes/schemes.ts";
import { of } from "./testing/codes.ts";

for (const name of SCHEME_NAMES) registerSchemeContractTests(name);

test("parameters beyond their limits are refused, with who, what and how much", () => {
  for (const name of SCHEME_NAMES) {
    for (const bad of [of(0, 0, 0), of(65, 0, 0), of(1.5, 0, 0), of(4, -1, 0), of(4, 0, -1), of(4, 0.5, 0)]) {
      expect(() => makeScheme(name, bad)).toThrow(CodingError);
      expect(() => workerCountOf(name, bad)).toThrow(CodingError);
    }
  }
  expect(() => makeScheme("toString" as SchemeName, of(4, 0, 0))).toThrow(/expected one of uncoded/);
});

test("an aim is met with the default, which the dial may propose and whose answers are audited", () => {
  expect(SCHEMES[DEFAULT_SCHEME].dialSettings).not.toBeNull();
  expect(SCHEMES[DEFAULT_SCHEME].verificationOf(0)).toBe("audits");
});

test("schemes that something is true of, as a sentence has them", () => {
  expect(schemesThat(({ needsDistinctVolunteers }) => needsDistinctVolunteers)).toBe("replication or approxifer");
});
