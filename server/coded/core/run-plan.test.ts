import { describe, expect, test } from "vitest";
import { predictCost } from "./run-cost.ts";
import { planRun, type RunParameters, volunteersNeeded } from "./run-plan.ts";

const base: RunParameters = { scheme: "avcc", dataVolunteers: 9, stragglers: 1, liars: 1, colluders: 0 };

describe("how many volunteers", () => {
  test.each([
    ["uncoded", 9, 0, 0, 0, 9],
    ["replication", 9, 0, 1, 0, 27],
    ["replication", 9, 1, 1, 0, 36],
    ["lcc", 9, 1, 1, 0, 12],
    ["lcc", 9, 2, 1, 0, 13],
    ["avcc", 9, 1, 1, 0, 11],
    ["avcc", 9, 2, 1, 0, 12],
    ["avcc", 9, 0, 3, 0, 12],
    ["avcc-static", 9, 1, 2, 0, 12],
    ["avcc", 7, 2, 1, 2, 12],
    ["lcc", 5, 1, 2, 2, 12],
  ] as const)(
    "%s with K = %i, S = %i, M = %i, T = %i needs %i",
    (scheme, dataVolunteers, stragglers, liars, colluders, needed) => {
      const parameters = { scheme, dataVolunteers, stragglers, liars, colluders };
      expect(volunteersNeeded(parameters)).toBe(needed);
      expect(planRun(parameters).volunteerCount).toBe(needed);
    },
  );

  test("a liar costs avcc one volunteer, lcc two and replication twice K", () => {
    const needs = (scheme: RunParameters["scheme"], liars: number) => volunteersNeeded({ ...base, scheme, liars });
    expect(needs("avcc", 2) - needs("avcc", 1)).toBe(1);
    expect(needs("lcc", 2) - needs("lcc", 1)).toBe(2);
    expect(needs("replication", 2) - needs("replication", 1)).toBe(18);
  });
});

test("in shards: g small shards a volunteer multiply blocks and shards alike", () => {
  const plan = planRun({ ...base, shardsPerVolunteer: 4 });
  expect(plan).toMatchObject({ blockCount: 36, shardCount: 44, resultsNeeded: 36, volunteerCount: 11 });
  // Every volunteer that is lost takes four: S + M = 2 of them are borne.
  expect(plan.shardCount - 2 * 4).toBe(plan.resultsNeeded);
});

test("lcc waits for all but S volunteers, and for two results an error", () => {
  expect(planRun({ ...base, scheme: "lcc" })).toMatchObject({ resultsNeeded: 11, correctableShards: 1 });
  expect(planRun({ ...base, scheme: "lcc", volunteers: 15 }).resultsNeeded).toBe(14);
});

describe("what makes no code is refused, and the message says why", () => {
  test.each([
    [{ ...base, dataVolunteers: 0 }, /dataVolunteers \(K\) to be a whole number in 1\.\.\d+, got 0/],
    [{ ...base, stragglers: 1.5 }, /stragglers \(S\)/],
    [{ ...base, liars: -1 }, /liars \(M\)/],
    [{ ...base, colluders: Number.NaN }, /colluders \(T\)/],
    [{ ...base, volunteers: 10 }, /avcc: expected at least 11 volunteers for K = 9, S = 1, M = 1, T = 0, got 10/],
    [{ ...base, colluders: 1, shardsPerVolunteer: 2 }, /one shard a volunteer where T > 0/],
    [{ ...base, scheme: "uncoded" as const }, /uncoded: expected S = 0 and M = 0/],
    [{ ...base, scheme: "replication" as const, colluders: 1 }, /T = 0, got 1/],
    [{ ...base, scheme: "replication" as const, volunteers: 37 }, /multiple of K = 9/],
    [{ ...base, scheme: "magic" as never }, /expected one of uncoded, replication, lcc, avcc-static, avcc, got magic/],
    [{ ...base, dataVolunteers: 1000, shardsPerVolunteer: 16 }, /number of shards/],
  ])("%o", (parameters, message) => {
    expect(() => planRun(parameters)).toThrow(message);
  });
});

describe("the predicted cost of GISETTE, 6000 x 5000, K = 9", () => {
  const shape = { rows: 6000, columns: 5000, classes: 1, iterations: 50 };
  const cost = predictCost(planRun({ ...base, stragglers: 2 }), shape);

  test("each tab holds 667 x 5000 of X and 556 x 6000 of X^T, at four bytes", () => {
    expect(cost.shardBytesPerVolunteer).toBe(4 * (667 * 5000 + 556 * 6000));
    expect(cost.multiplicationsPerVolunteerPerIteration).toBe(667 * 5000 + 556 * 6000);
    expect(cost.broadcastBytesPerIteration).toBe(4 * 11_000);
    expect(cost.resultBytesPerIteration).toBe(4 * (667 + 556));
    expect(cost.totalBytes).toBe(12 * cost.shardBytesPerVolunteer + 50 * 12 * 4 * (11_000 + 667 + 556));
    expect(cost.rounds).toBe(100);
    expect(cost.redundancy).toBeCloseTo(12 / 9);
  });

  test("checks with two keys are below one percent of the multiplications that they check", () => {
    expect(cost.verificationShare).toBeCloseTo((2 * (667 + 5000 + 556 + 6000)) / (667 * 5000 + 556 * 6000), 10);
    expect(cost.verificationShare).toBeLessThan(0.01);
    expect(predictCost(planRun({ ...base, scheme: "lcc" }), shape).verificationShare).toBe(0);
  });

  test("masks make every shard a mixture; without them K shards are free", () => {
    const block = 667 * 5000 + 556 * 6000;
    expect(cost.encodingMultiplications).toBe((3 * 9 + 2 * 9) * block);
    const masked = planRun({ ...base, dataVolunteers: 9, stragglers: 1, colluders: 1 });
    expect(predictCost(masked, shape).encodingMultiplications).toBe((12 * 10 + 2 * 10) * block);
    const plain = planRun({ ...base, scheme: "uncoded", stragglers: 0, liars: 0 });
    expect(predictCost(plain, shape).encodingMultiplications).toBe(0);
  });
});
