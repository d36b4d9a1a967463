/** Small crowds: that each plan is what it is called, and that what became of the answers is counted. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { coalitionRow, floorOf, run } from "./coalition-attacks.ts";
import { COALITION_CASES, type CoalitionCase } from "./coalition-cases.ts";
import { type CoalitionTally, coalitionCrowd } from "./coalition-crowd.ts";
import { PLANS } from "./coalition-plans.ts";
import { coalitionTallies } from "./coalition-tallies.ts";
import { RowPlaces } from "./row-places.ts";

const caseOf = (attack: string): CoalitionCase => COALITION_CASES.find((one) => one.attack === attack)!;
const [everything] = [caseOf("100 % of rows")];
/** Fifteen volunteers, of whom three lie. */
const small = (one: CoalitionCase): CoalitionCase => ({ ...one, volunteers: 15, rowsEach: 200 });

test("every plan is tried, in 40 rows or more, and each row has a name of its own", () => {
  const names = COALITION_CASES.map(({ data, attack, hasParities }) => JSON.stringify([data, attack, hasParities]));
  expect(new Set(names).size).toBe(names.length);
  expect(COALITION_CASES.filter(({ isLarge }) => !isLarge).length).toBeGreaterThanOrEqual(40);
  expect(new Set(COALITION_CASES.map(({ plan }) => plan))).toEqual(new Set(PLANS));
});

describe("a coalition in a small crowd", () => {
  test("that lies in every row is named to the last, nothing of it is final, and the same seed gives the same tally", async () => {
    const tally = await coalitionCrowd(small(everything), 1);
    expect(tally).toMatchObject({ answers: 3_000, distinctAnswers: 3_000, liars: 3, named: 3, wrongFinal: 0 });
    expect(tally).toMatchObject({ honestNamed: 0, jobs: 1 });
    expect(tally.tabRows).toBeGreaterThan(tally.answers);
    expect(await coalitionCrowd(small(everything), 1)).toEqual(tally);
  });

  test("that takes a fresh key after each batch has many names", async () => {
    const tally = await coalitionCrowd(small(caseOf("25 % of rows, a fresh key after each batch")), 2);
    expect(tally.liars).toBeGreaterThan(3);
    expect(tally.honestNamed).toBe(0);
  });

  test("that falls silent after its tenth batch lies in that one alone", async () => {
    const tally = await coalitionCrowd(small(caseOf("burst: nine quick turns, 100 % of the tenth, silence")), 3);
    expect(tally.liars).toBeGreaterThan(0);
    expect(tally.named).toBe(tally.liars);
    // Rows from the first lie on are those of one batch.
    for (const rows of tally.rowsUntilNamed) expect(rows).toBeLessThanOrEqual(48);
  });

  test("that waits is honest in its first jobs", async () => {
    const waiting = { ...small(everything), rowsEach: 50, jobs: 2, liesFromJob: 2 };
    expect(await coalitionCrowd(waiting, 4)).toMatchObject({ liars: 0, named: 0, honestNamed: 0 });
    expect(await coalitionCrowd({ ...waiting, liesFromJob: 1 }, 4)).toMatchObject({ liars: 3, named: 3, jobs: 2 });
    const last = await coalitionCrowd({ ...waiting, liesFromJob: 1, counted: "last" }, 4);
    expect(last).toMatchObject({ answers: 750, jobs: 1 });
  });

  test("[CK3] [CK11] in a job that leaves estimates is named too, nothing wrong is final, and the coordinator computes few rows until it lies", async () => {
    const fast = { ...caseOf("5 % of rows, two parities, fast"), volunteers: 30, hasMetLiars: false };
    const tally = await coalitionCrowd(fast, 6);
    expect(tally).toMatchObject({ answers: 30_000, crossCheckedJobs: 1, honestNamed: 0, wrongFinal: 0 });
    expect(tally.liars).toBe(6);
    expect(tally.named).toBe(6);
    // Findings charge reserves, and each block after them is checked the more closely: by half of its rows at most.
    expect(tally.trustedRows / tally.answers).toBeLessThan(0.5);
    const honest = await coalitionCrowd({ ...fast, plan: "honest", liarShare: 0 }, 6);
    expect(honest).toMatchObject({ answers: 30_000, honestNamed: 0 });
    // The rest are estimates, which are never final.
    expect(honest.final / honest.answers).toBeGreaterThan(0.99);
    expect(honest.trustedRows / honest.answers).toBeLessThan(0.04);
  });

  test("while most honest ones sleep still has every row answered", async () => {
    const tally = await coalitionCrowd(small(caseOf("100 % of rows while nine in ten honest sleep")), 5);
    expect(tally).toMatchObject({ answers: 3_000, honestNamed: 0 });
    expect(tally.named).toBe(tally.liars);
  });
});

test("a row that was seen has the same place, whoever asks, and progress is the share of the job that was seen", () => {
  const places = new RowPlaces(3, 2);
  const rows = Float32Array.of(1, 2, 3, 4, 1, 2);
  expect([0, 1, 2].map((row) => places.placeOf(rows, row, 3))).toEqual([0, 1, 0]);
  expect(places.progress).toBe(1);
  expect(places.placeOf(Float32Array.of(5, 6), 0, 1)).toBe(2);
  expect(places.placeOf(Float32Array.of(7, 8), 0, 1)).toBe(2);
});

describe("a row of the table", () => {
  const tally: CoalitionTally = {
    ...{ answers: 100, distinctAnswers: 100, final: 90, wrongFinal: 2, boundSum: 3, tabRows: 120, trustedRows: 3 },
    ...{ toppedUpRows: 1, jobs: 1, crossCheckedJobs: 1, liars: 2, named: 1, rowsUntilNamed: [40], honestNamed: 0 },
  };

  test("adds up its seeds, and has a limit from two seeds on", () => {
    expect(coalitionRow(everything, [tally], 40).limit95).toBeNull();
    const row = coalitionRow(everything, [tally, { ...tally, wrongFinal: 0, final: 80 }], 40);
    expect(row).toMatchObject({ seeds: 2, answers: 200, wrongFinal: 2, boundSum: 6, finalShareLeast: 0.8 });
    expect(row).toMatchObject({
      trustedShare: 0.03,
      toppedUpShare: 0.01,
      rowsUntilNamed: 40,
      named: 2,
      liars: 4,
    });
    expect(row.finalShare).toBeCloseTo(0.85);
    expect(row.tabOverhead).toBeCloseTo(0.2);
    expect(row.limit95).toBeGreaterThan(6);
  });

  test("has a floor where the crowd is large and its service has met liars", () => {
    expect(floorOf(caseOf("nobody lies"))).toBe(0.99);
    expect(floorOf(everything)).toBe(0.8);
    expect(floorOf(caseOf("20 % of rows in the last twentieth"))).toBe(0.6);
    expect(floorOf(caseOf("burst: nine quick turns, 5 % of the tenth, silence"))).toBe(0.6);
    expect(floorOf(caseOf("100 % of rows, in a service that has met no liars"))).toBeNull();
    expect(floorOf(small(everything))).toBeNull();
  });
});

test("tallies that were kept are not counted again, but for another tree", async () => {
  const folder = await mkdtemp(join(tmpdir(), "paritab-coalitions-"));
  try {
    const wanted = [{ one: caseOf("everything, one of 5 tabs, 400 rows"), seed: 1 }];
    const kept = { file: join(folder, "kept.jsonl"), commit: "one" };
    const [tally] = await coalitionTallies(wanted, kept, () => {});
    expect(tally).toMatchObject({ answers: 400, wrongFinal: 0, crossCheckedJobs: 0 });
    const text = await readFile(kept.file, "utf8");
    await writeFile(kept.file, `${text.replace('"wrongFinal":0', '"wrongFinal":17')}{"half`);
    expect((await coalitionTallies(wanted, kept, () => {}))[0]!.wrongFinal).toBe(17);
    expect(await coalitionTallies(wanted, { ...kept, commit: "another" }, () => {})).toEqual([tally]);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("a name that no attack has is refused with what was expected", async () => {
  const options = { seed: 1, progress: () => {}, isFull: false };
  await expect(run({ ...options, only: "no such attack" })).rejects.toThrow("part of an attack's name");
});
