/** What was found against the composed machine: each a scenario that held nothing back when it was written. */
import { expect, test } from "vitest";
import { constant, PLANS } from "./plans.ts";
import { simulateService } from "./row-service.ts";
import type { ServiceTally } from "./service-words.ts";

const SEEDS = [1, 2, 3, 4];
/** c is least: a block that is asked again fits within the account, too. */
const OLD_ACCOUNT = 200_000;
const crowd = { volunteers: 12, rowsEach: 100, jobs: 1, answerBound: 1e-3 } as const;

const mean = (tallies: readonly ServiceTally[], of: (tally: ServiceTally) => number) =>
  tallies.reduce((sum, tally) => sum + of(tally), 0) / tallies.length;

test("lies of a block that was charged for them are no findings of the next one", () => {
  // Two keys lie in the first block alone; what is left is asked again of honest volunteers.
  const plan = {
    lies: (turn: Parameters<typeof PLANS.waiting.lies>[0]) => (turn.tries === 0 ? constant(0.3).lies(turn) : []),
  };
  const tallies = SEEDS.map((seed) =>
    simulateService({ ...crowd, seed, plan, liarShare: 0.2, placesBefore: OLD_ACCOUNT }),
  );
  for (const { jobs, charged, liarsNamed } of tallies) {
    expect(liarsNamed).toBe(2);
    expect(jobs[0]).toMatchObject({ blocks: 2, final: jobs[0]!.rows });
    // One reserve at c = .02.
    expect(charged).toBeCloseTo(49, 0);
  }
});

test("partners of an honest crowd begin their checks in time: the coordinator answers its own coins, and few others", () => {
  const tallies = SEEDS.map((seed) =>
    simulateService({ ...crowd, seed, plan: PLANS.clean, rowsEach: 400, liarShare: 0, placesBefore: OLD_ACCOUNT }),
  );
  // q is .001 of the rows here, and nothing is sampled.
  expect(mean(tallies, ({ jobs, rows }) => jobs[0]!.trusted / rows)).toBeLessThan(0.01);
});
