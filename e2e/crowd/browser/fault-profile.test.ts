import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  FAULT_PROFILE_HELP,
  type FaultClause,
  FaultProfileError,
  type Lie,
  parseFaultProfile,
  printFaultProfile,
} from "./fault-profile.ts";

const DEMO_PROFILE = "straggle:11(p=0.1,ms=400+exp400),slow:2(x10,floor=300),liar:1(other-query)";

test("the demo's crowd is read as it is meant", () => {
  expect(parseFaultProfile(DEMO_PROFILE)).toEqual([
    { fault: { kind: "straggle", probability: 0.1, fixedMs: 400, meanMs: 400 }, tabCount: 11 },
    { fault: { kind: "slow", factor: 10, floorMs: 300 }, tabCount: 2 },
    { fault: { kind: "liar", lie: { name: "other-query" } }, tabCount: 1 },
  ]);
});

test("honest is the profile without clauses, and spaces do not matter", () => {
  expect(parseFaultProfile("honest")).toEqual([]);
  expect(printFaultProfile([])).toBe("honest");
  expect(parseFaultProfile(" straggle:11( p=0.1, ms=400 + exp400 ),\n liar:1(replay)")).toEqual(
    parseFaultProfile("straggle:11(p=0.1,ms=400+exp400),liar:1(replay)"),
  );
});

test("lies about products are read with their numbers, and without them", () => {
  const lieOf = (text: string) => parseFaultProfile(`liar:2(${text})`)[0]!.fault;
  expect(lieOf("reverse")).toEqual({ kind: "liar", lie: { name: "reverse", factor: 1 } });
  expect(lieOf("reverse,c=5")).toEqual({ kind: "liar", lie: { name: "reverse", factor: 5 } });
  expect(lieOf("sleeper")).toEqual({ kind: "liar", lie: { name: "sleeper", rounds: 20 } });
  expect(lieOf("sleeper,rounds=4")).toEqual({ kind: "liar", lie: { name: "sleeper", rounds: 4 } });
});

test("the help names every kind and every lie", () => {
  const kinds = ["straggle", "slow", "mute", "leaves", "liar", "card"];
  const lies = ["other-query", "sign-flip", "reverse", "noise", "constant", "one-entry", "replay", "swap", "sleeper"];
  for (const name of [...kinds, ...lies]) expect(FAULT_PROFILE_HELP).toMatch(new RegExp(`^ *(liar +)?${name}\\b`, "m"));
});

test("a broken card has a back-end", () => {
  const profile = parseFaultProfile("card:2(webgpu)");
  expect(profile).toEqual([{ tabCount: 2, fault: { kind: "card", backend: "webgpu" } }]);
  expect(printFaultProfile(profile)).toBe("card:2(webgpu)");
  expect(() => parseFaultProfile("card:2(gpu)")).toThrow(/one of webgl, wasm, cpu, webgpu, got "gpu"/);
});

test("a delay may be fixed, exponential or both", () => {
  const delayOf = (ms: string) => parseFaultProfile(`straggle:1(p=1,ms=${ms})`)[0]!.fault;
  expect(delayOf("250")).toMatchObject({ fixedMs: 250, meanMs: 0 });
  expect(delayOf("exp250")).toMatchObject({ fixedMs: 0, meanMs: 250 });
  expect(delayOf("1.5+exp2.5")).toMatchObject({ fixedMs: 1.5, meanMs: 2.5 });
});

const number = fc.integer({ min: 0, max: 40_000 }).map((n) => n / 8);
const probability = fc.integer({ min: 0, max: 1024 }).map((n) => n / 1024);
const lie: fc.Arbitrary<Lie> = fc.oneof(
  fc.record({ name: fc.constantFrom("other-query", "sign-flip", "constant", "one-entry", "replay", "swap") }),
  fc.record({ name: fc.constant("reverse"), factor: fc.integer({ min: 1, max: 2 ** 22 }) }),
  fc.record({ name: fc.constant("sleeper"), rounds: fc.nat(100) }),
  fc.record({ name: fc.constant("noise"), sigma: number }),
);
const clause: fc.Arbitrary<FaultClause> = fc.record({
  tabCount: fc.nat(200),
  fault: fc.oneof(
    fc.record({ kind: fc.constant("straggle"), probability, fixedMs: number, meanMs: number }),
    fc.record({ kind: fc.constant("slow"), factor: number.map((n) => n + 1), floorMs: number }),
    fc.record({ kind: fc.constant("mute"), probability }),
    fc.record({ kind: fc.constant("leaves"), afterRounds: fc.nat(1_000_000) }),
    fc.record({ kind: fc.constant("liar"), lie }),
  ),
});

test("what is printed is read back as it was", () => {
  fc.assert(
    fc.property(fc.array(clause, { maxLength: 6 }), (profile) => {
      expect(parseFaultProfile(printFaultProfile(profile))).toEqual(profile);
    }),
    { seed: 61_001, numRuns: 500 },
  );
});

describe("errors name the clause and say what was expected", () => {
  const cases: [profile: string, message: RegExp][] = [
    ["", /"": expected honest, or kind:tabs/],
    ["liar", /"liar": expected honest, or kind:tabs/],
    ["liar:1(replay", /expected honest, or kind:tabs/],
    ["sleepy:1", /"sleepy:1": expected one of straggle, slow, mute, leaves, liar, card, got "sleepy"/],
    ["straggle:1(ms=4)", /a setting like p=0.1, got "ms=4"/],
    ["straggle:1(p=2,ms=4)", /a number in 0..1 as in p=0.1, got "2"/],
    ["straggle:1(p=0.1)", /a setting like ms=400\+exp400, got "none"/],
    ["straggle:1(p=0.1,ms=)", /expected ms=400\+exp400, got ""/],
    ["straggle:1(p=0.1,ms=4+)", /expected ms=400\+exp400, got "4\+"/],
    ["straggle:1(p=0.1,ms=-5)", /got "-5"/],
    ["slow:2(x0.5,floor=3)", /a number in 1..1000000 as in x10, got "0.5"/],
    ["slow:2(x10)", /a setting like floor=300, got "none"/],
    ["mute:1(p=)", /a number in 0..1 as in p=0.5, got ""/],
    ["leaves:1(afterRounds=1.5)", /a whole number as in afterRounds=3, got "1.5"/],
    ["liar:1", /a setting like other-query, sign-flip, reverse, noise, constant, .*, sleeper, got "none"/],
    ["liar:1(boast)", /one of other-query, sign-flip, reverse, .*, sleeper, got "boast"/],
    ["liar:1(reverse,c=0)", /a number in 1..4194304 as in c=1, got "0"/],
    ["liar:1(reverse,c=1.5)", /a whole number as in c=1, got "1.5"/],
    ["liar:1(sleeper,rounds=-1)", /a number in 0..1000000000 as in rounds=20, got "-1"/],
    ["liar:2(swap,with=3)", /no further setting, got "with=3"/],
    ["liar:1(noise)", /a setting like sigma=1, got "none"/],
    ["liar:1(replay,sigma=2)", /no further setting, got "sigma=2"/],
  ];
  test.each(cases)("%s", (profile, message) => {
    expect(() => parseFaultProfile(profile)).toThrow(FaultProfileError);
    expect(() => parseFaultProfile(profile)).toThrow(message);
  });
});
