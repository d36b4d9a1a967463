import { expect, test } from "vitest";
import { faultAt, faultsAt, NO_FAULT } from "./fault-at.ts";
import { type Fault, parseFaultProfile } from "./fault-profile.ts";

const faultsOf = (profile: string): Fault[] => parseFaultProfile(profile).map(({ fault }) => fault);
const [straggle] = faultsOf("straggle:1(p=0.1,ms=400+exp400)") as [Fault];

test("the fault of a round does not depend on what was asked before", () => {
  const rounds = Array.from({ length: 500 }, (_, round) => round);
  const forwards = rounds.map((round) => faultAt(7, 3, round, straggle));
  const backwards = rounds.toReversed().map((round) => faultAt(7, 3, round, straggle));
  expect(backwards.toReversed()).toEqual(forwards);
});

test("seed, tab and round each matter", () => {
  const delays = (seed: number, tab: number, from: number) =>
    Array.from({ length: 200 }, (_, i) => faultAt(seed, tab, from + i, straggle).delayMs);
  const first = delays(1, 1, 0);
  for (const other of [delays(2, 1, 0), delays(1, 2, 0), delays(1, 1, 1)]) expect(other).not.toEqual(first);
});

test("a straggler is late in a tenth of its rounds, by 400 ms and an exponential 400 ms more", () => {
  const delays: number[] = [];
  for (let tab = 0; tab < 12; tab++) {
    for (let round = 0; round < 2_000; round++) delays.push(faultAt(1, tab, round, straggle).delayMs);
  }
  const late = delays.filter((delayMs) => delayMs > 0);
  // 24,000 rounds: the standard deviation of the share is .0019, that of the mean of about 2,400 delays 8 ms.
  expect(Math.abs(late.length / delays.length - 0.1)).toBeLessThan(0.008);
  expect(Math.min(...late)).toBeGreaterThanOrEqual(400);
  const meanMs = late.reduce((sum, delayMs) => sum + delayMs, 0) / late.length;
  expect(Math.abs(meanMs - 800)).toBeLessThan(35);
  const longShare = late.filter((delayMs) => delayMs > 800).length / late.length;
  expect(Math.abs(longShare - Math.exp(-1))).toBeLessThan(0.04);
});

test("mute for a share is mute in that share, and without one always", () => {
  const [half, always] = faultsOf("mute:1(p=0.5),mute:1") as [Fault, Fault];
  const rounds = Array.from({ length: 4_000 }, (_, round) => round);
  const share = rounds.filter((round) => faultAt(1, 0, round, half).isMute).length / rounds.length;
  expect(Math.abs(share - 0.5)).toBeLessThan(0.04);
  expect(rounds.every((round) => faultAt(1, 0, round, always).isMute)).toBe(true);
});

test("a tab leaves at the round that was named, and at every later one", () => {
  const [leaves] = faultsOf("leaves:1(afterRounds=3)") as [Fault];
  expect([0, 2, 3, 4].map((round) => faultAt(1, 0, round, leaves).leaves)).toEqual([false, false, true, true]);
});

test("the faults of a tab come together: slow, late and lying", () => {
  const faults = faultsOf("straggle:1(p=1,ms=100),slow:1(x10,floor=300),liar:1(sign-flip)");
  const expected = { ...NO_FAULT, delayMs: 100, factor: 10, floorMs: 300, lie: { name: "sign-flip" } };
  expect(faultsAt(1, 0, 0, faults)).toEqual(expected);
  expect(faultsAt(1, 0, 0, [])).toEqual(NO_FAULT);
});
