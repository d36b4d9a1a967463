import { describe, expect, test } from "vitest";
import { predictCost } from "./core/run-cost.ts";
import { planRun } from "./core/run-plan.ts";
import { notesOnSpeeds, secondsPerIteration } from "./run-estimate.ts";

const SHAPE = { rows: 960, columns: 960, classes: 1, iterations: 1 };
/** K = 4, S = M = 1. */
const planOf = (shardsPerVolunteer: number, colluders = 0) => {
  const each = { shardsPerVolunteer: colluders > 0 ? 1 : shardsPerVolunteer };
  return planRun({ scheme: "avcc", dataVolunteers: 4, stragglers: 1, liars: 1, colluders, ...each });
};
const secondsOf = (speeds: readonly number[], each: number) =>
  secondsPerIteration(speeds, planOf(each), predictCost(planOf(each), SHAPE));

describe("what an estimate says of time", () => {
  test("one shard each: a round lasts as long as the K-th fastest takes", () => {
    const { multiplicationsPerVolunteerPerIteration: work } = predictCost(planOf(1), SHAPE);
    expect(secondsOf([60, 50, 40, 30, 20, 10], 1)).toBeCloseTo(work / 30 / 1_000);
  });

  test("eight shards each: fast tabs take more of them, so that a crowd of unequal tabs is sooner there", () => {
    const unequal = [100, 40, 16, 6, 3, 1];
    expect(secondsOf(unequal, 8)!).toBeLessThan(secondsOf(unequal, 1)! / 2);
    // Of six equal tabs all share in what four would do.
    const equal = [10, 10, 10, 10, 10, 10];
    expect(secondsOf(equal, 8)! / secondsOf(equal, 1)!).toBeCloseTo(6 / 8);
  });

  test("too few measured tabs: it is not known", () => {
    expect(secondsOf([], 1)).toBeNull();
    expect(secondsOf([5, 4, 3], 1)).toBeNull();
  });
});

describe("what an estimate advises where tabs are unequal", () => {
  const notesOf = (speeds: readonly number[], each: number, colluders = 0) => {
    const plan = planOf(each, colluders);
    return notesOnSpeeds(speeds, plan, predictCost(plan, SHAPE));
  };

  test("small pieces for each tab, with what they bring", () => {
    const [note, ...others] = notesOf([100, 40, 16, 6, 3, 1], 1);
    expect(others).toEqual([]);
    expect(note).toContain("The fastest of these tabs is 100 times as fast as the slowest. With 8 pieces for each tab");
  });

  test("nothing where they are about equal, have pieces already, hide data from each other, or are not measured", () => {
    expect(notesOf([10, 10, 9, 9, 8, 8], 1)).toEqual([]);
    expect(notesOf([100, 40, 16, 6, 3, 1], 8)).toEqual([]);
    expect(notesOf([100, 40, 16, 6, 3, 1, 1], 1, 1)).toEqual([]);
    expect(notesOf([], 1)).toEqual([]);
  });

  test("nothing where so many pieces would be more shards than a code may have", () => {
    const plan = planRun({ scheme: "avcc", dataVolunteers: 200, stragglers: 1, liars: 1, colluders: 0 });
    expect(notesOnSpeeds([100, 1], plan, predictCost(plan, SHAPE))).toEqual([]);
  });
});
