import { expect, test } from "vitest";
import { assignFaults } from "./fault-assignment.ts";
import { type Fault, parseFaultProfile } from "./fault-profile.ts";

const demo = parseFaultProfile("straggle:11(p=0.1,ms=400+exp400),slow:2(x10,floor=300),liar:1(other-query)");

const having = (faultsOf: Fault[][], kind: Fault["kind"]) =>
  faultsOf.flatMap((faults, tab) => (faults.some((fault) => fault.kind === kind) ? [tab] : []));

test("in the demo's crowd one tab lies, the other eleven straggle, and two of these are slow, for any seed", () => {
  for (let seed = 0; seed < 200; seed++) {
    const faultsOf = assignFaults(demo, 12, seed);
    const [liars, straggling, slow] = (["liar", "straggle", "slow"] as const).map((kind) => having(faultsOf, kind));
    expect(liars).toHaveLength(1);
    expect(straggling).toHaveLength(11);
    expect(slow).toHaveLength(2);
    expect(straggling).not.toContain(liars![0]);
    for (const tab of slow!) expect(straggling).toContain(tab);
  }
});

test("the same seed gives the same crowd, and every tab is the liar under some seed", () => {
  expect(assignFaults(demo, 12, 7)).toEqual(assignFaults(demo, 12, 7));
  const liars = Array.from({ length: 200 }, (_, seed) => having(assignFaults(demo, 12, seed), "liar")[0]);
  expect(new Set(liars).size).toBe(12);
});

test("mute tabs are none of the slow ones, nor liars, while there are others", () => {
  const profile = parseFaultProfile("slow:2(x3,floor=0),mute:2,liar:2(replay)");
  for (let seed = 0; seed < 100; seed++) {
    for (const faults of assignFaults(profile, 6, seed)) expect(faults).toHaveLength(1);
  }
});

test("several clauses of one kind hit different tabs", () => {
  const profile = parseFaultProfile("liar:2(replay),liar:1(constant)");
  const faultsOf = assignFaults(profile, 3, 5);
  expect(faultsOf.map((faults) => faults.length)).toEqual([1, 1, 1]);
});

test("whoever swaps needs somebody to swap with", () => {
  expect(() => assignFaults(parseFaultProfile("liar:1(swap)"), 5, 1)).toThrow("swap: expected at least 2 tabs, got 1");
  expect(having(assignFaults(parseFaultProfile("liar:1(swap),liar:1(swap)"), 5, 1), "liar")).toHaveLength(2);
});

test("a crowd too small for both lets a liar straggle, and one too small for a kind is refused", () => {
  const profile = parseFaultProfile("straggle:3(p=1,ms=1),liar:1(replay)");
  expect(having(assignFaults(profile, 3, 1), "straggle")).toEqual([0, 1, 2]);
  expect(() => assignFaults(profile, 2, 1)).toThrow("fault profile, straggle: expected at most 2 tabs, got 3");
  expect(() => assignFaults(parseFaultProfile("liar:2(replay),liar:1(constant)"), 2, 1)).toThrow("got 3");
});
