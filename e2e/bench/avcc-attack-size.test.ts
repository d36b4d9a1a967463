import { expect, test } from "vitest";
import { contendersOf, membersOf } from "./avcc-attack-size.ts";

test("every code has twelve workers, and M of them lie, the same ones for each code", () => {
  for (const liars of [1, 2]) {
    const plans = Object.values(contendersOf(liars));
    const places = plans.map((plan) => {
      expect(plan.volunteerCount).toBe(12);
      return membersOf(plan, liars, 3, 7).flatMap(({ attack }, place) => (attack === undefined ? [] : [place]));
    });
    expect(places[0]).toHaveLength(liars);
    for (const place of places) expect(place).toEqual(places[0]);
  }
});

test("with one liar the paper's code is the best static one; with two another is", () => {
  expect(Object.keys(contendersOf(1))).toEqual(["uncoded", "lcc of the paper", "avcc"]);
  expect(contendersOf(2)["best static lcc"]).toMatchObject({ blockCount: 7 });
});
