/** The attack tables of small crowds: that each plan is what it is called, that honest crowds are left alone, and a few cheap cells. */
import { describe, expect, test } from "vitest";
import { worstOfOneJob } from "../../../server/checks/promise.ts";
import { simulationRandom } from "../../../shared/random/simulation-random.ts";
import { limitOverSeeds } from "../limit-over-seeds.ts";
import { run as rowGrid } from "../row-grid.ts";
import { studentUpper } from "../student.ts";
import { ATTACK_ROWS } from "./attack-rows.ts";
import { Coalition, liarKey } from "./coalition.ts";
import { GRID, GRID_PLANS } from "./grid-asked.ts";
import { PLANS, type PlanName } from "./plans.ts";
import { simulateService } from "./row-service.ts";
import type { ServiceOptions } from "./service-words.ts";
import { figuresOf } from "./tallies.ts";
import { checkSharesOf, worstWrong } from "./worst-of-one-job.ts";

const small = { seed: 1, volunteers: 10, rowsEach: 40, jobs: 3, liarShare: 0.2, answerBound: 1e-3 } as const;
const service = (plan: PlanName, options: Partial<ServiceOptions> = {}) =>
  simulateService({ ...small, plan: PLANS[plan], ...options });

describe.each(Object.keys(PLANS) as PlanName[])("the plan %s", (plan) => {
  test("gives the same tally from the same seed, names nobody honest, loses no coin, and leaves nothing held", () => {
    const tally = service(plan);
    expect(service(plan)).toEqual(tally);
    expect(tally).toMatchObject({ honestNamed: 0, held: 0, rows: 1_200 });
    for (const { unasked } of tally.jobs) expect(unasked).toBe(0);
    expect(tally.charged).toBeLessThanOrEqual(small.answerBound * tally.rows);
  });
});

describe("an honest crowd", () => {
  test.each([3, 10])("of %d volunteers is charged nothing, and all of its answers are final", (volunteers) => {
    for (const seed of [1, 2, 3]) {
      const tally = service("clean", { volunteers, rowsEach: 120, liarShare: 0, seed });
      expect(tally).toMatchObject({ liarsNamed: 0, honestNamed: 0, charged: 0, held: 0 });
      for (const job of tally.jobs)
        expect(job).toMatchObject({ final: job.rows, wrongFinal: 0, blocks: 1, findings: 0 });
    }
  });

  test("of several jobs at once is charged nothing either", () => {
    const tally = service("clean", { liarShare: 0, openAtOnce: 3, rowsEach: 120, jobs: 6 });
    expect(tally).toMatchObject({ honestNamed: 0, charged: 0, held: 0 });
  });
});

test("liars that are found are named, and whoever lies in all rows has nothing wrong and final", () => {
  const tally = service("constant 1", { rowsEach: 100 });
  expect(tally.liarsNamed).toBe(2);
  expect(figuresOf([tally], 1e-3)).toMatchObject({ wrongFinal: 0, honestNamed: 0 });
});

test("a finding without a naming is charged like any other", () => {
  const tally = service("constant 1", { excusedShare: 1, rowsEach: 100 });
  expect(tally.liarsNamed).toBe(0);
  expect(tally.charged).toBeGreaterThan(0);
  expect(figuresOf([tally], 1e-3).wrongFinal).toBe(0);
});

test("a coalition answers a row alike, whoever of it is asked, and knows what any of its own saw", () => {
  const seen: number[][] = [];
  const plan = {
    lies(turn: { places: readonly number[]; isKnown(place: number): boolean }) {
      seen.push(turn.places.filter(turn.isKnown));
      return turn.places;
    },
  };
  const coalition = new Coalition(plan, simulationRandom(1));
  const asked = { job: 0, tries: 0, progress: 0, checkShare: 0.1, usualRows: 2, wasNamed: false };
  const honest = new Coalition(PLANS.clean, simulationRandom(1));
  expect([...coalition.says({ ...asked, key: liarKey(0, 2), places: [3, 5] }).lies]).toEqual([3, 5]);
  expect([...coalition.says({ ...asked, key: liarKey(1, 2), places: [5, 7] }).lies]).toEqual([5, 7]);
  expect(seen).toEqual([[], [5]]);
  expect([...honest.says({ ...asked, key: liarKey(0, 2), places: [3] }).lies]).toEqual([]);
});

test("every plan is in a table, and each row of the attacks has a name of its own", () => {
  const tried = new Set([...ATTACK_ROWS.map(({ options }) => options.plan), ...GRID_PLANS.map((plan) => PLANS[plan])]);
  for (const plan of Object.values(PLANS)) expect(tried).toContain(plan);
  expect(new Set(ATTACK_ROWS.map(({ attack }) => attack)).size).toBe(ATTACK_ROWS.length);
  expect(GRID).toHaveLength(80);
});

describe("the worst of one job", () => {
  test("is what is told of it where its tries have the same c, and less where a finding raises c", () => {
    expect(worstWrong([0.05])).toBeCloseTo(worstOfOneJob({ checkShare: 0.05, tries: 1, windows: 1 }), 9);
    expect(worstWrong([0.02, 0.02, 0.02])).toBeCloseTo(worstOfOneJob({ checkShare: 0.02, tries: 3, windows: 1 }), 9);
    expect(worstWrong([0.05, 0.1])).toBeLessThan(worstOfOneJob({ checkShare: 0.05, tries: 2, windows: 1 }));
  });

  test("a finding leaves an account less, so that c of what is asked again is never lower", () => {
    const shares = checkSharesOf(60_000, 16_000, 1e-3);
    expect(shares.length).toBeGreaterThan(1);
    expect(shares).toEqual(shares.toSorted((a, b) => a - b));
  });
});

describe("cheap cells of the grid", () => {
  const missed = async (only: string) => {
    const { tables } = await rowGrid({ seed: 1, progress: () => {}, flags: { only, seeds: "3" } });
    return tables![0]!.rows.filter(({ holds }) => holds !== "yes").map(({ name }) => String(name));
  };

  test("4x50: as little wrong, as few trusted rows and as much final as the first model had", async () => {
    expect(await missed("4x50")).toEqual([]);
  });

  test("6x150: nothing wrong beyond eps M, no coin is lost, and nobody honest is named", async () => {
    const ofPrice = /: (final|trusted share)/;
    expect((await missed("6x150")).filter((name) => !ofPrice.test(name))).toEqual([]);
  });
});

test("limits count seeds: Student's t, and none from one seed", () => {
  expect(studentUpper(9, 0.05)).toBeCloseTo(1.833, 3);
  expect(studentUpper(1, 0.025)).toBeCloseTo(12.706, 2);
  const wrong = (wrongFinal: number) => ({ wrongFinal, boundSum: 1 });
  expect(limitOverSeeds([wrong(1)], 1)).toBeNull();
  // Excesses differ by 2, so that their standard error is 1.
  expect(limitOverSeeds([wrong(0), wrong(2)], 1)! - 1).toBeCloseTo(studentUpper(1, 0.05), 6);
});
