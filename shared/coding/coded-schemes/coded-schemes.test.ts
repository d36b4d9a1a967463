import { expect, test } from "vitest";
import { CODED_SCHEME_NAMES, CODED_SCHEMES, type CodedScheme, DEFAULT_CODED_SCHEME } from "./coded-schemes.ts";

const wanted = { dataVolunteers: 4, stragglers: 1, liars: 1, threshold: 4 };

test.each(CODED_SCHEME_NAMES)("%s: what a scheme says of itself fits together", (name) => {
  const { volunteersNeeded, words, ...facts } = CODED_SCHEMES[name];
  expect(facts.name).toBe(name);
  expect(volunteersNeeded({ ...wanted, stragglers: 0, liars: 0 })).toBe(4);
  const slack = { ...wanted, stragglers: 2, liars: 2 };
  expect(volunteersNeeded(slack) > volunteersNeeded(wanted)).toBe(facts.hasSlack);
  // Only a check of each result leaves nothing to trust, and only copies can be voted on.
  expect(words.trust === null).toBe(facts.verification === "freivalds");
  if (facts.verification === "votes") expect(facts.shards).toBe("copies");
  if (facts.verification === "freivalds" || facts.isDynamic) expect(facts.shards).toBe("lagrange");
  expect(words.means).toMatch(/^[A-Z].*\.$/);
});

test("what each needs for K = 4, S = 1, M = 1", () => {
  const needs = (name: CodedScheme) => CODED_SCHEMES[name].volunteersNeeded(wanted);
  expect(CODED_SCHEME_NAMES.map(needs)).toEqual([4, 16, 7, 6, 6]);
});

test("the default checks every result", () => {
  expect(CODED_SCHEMES[DEFAULT_CODED_SCHEME].verification).toBe("freivalds");
});
