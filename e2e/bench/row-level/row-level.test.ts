/** The rules at work, row by row: small jobs, many seeds. */
import { describe, expect, test } from "vitest";
import { simulationRandom } from "../../../shared/random/simulation-random.ts";
import { ATTEMPT_WEIGHT, acceptanceConstant, attemptBound } from "../../../shared/verify/cross-checks/acceptance.ts";
import { run as crowdSize } from "../crowd-size.ts";
import { figuresOf, ROW_ATTACKS } from "../row-attacks.ts";
import { studentUpper } from "../student.ts";
import { Coalition } from "./coalition-plans.ts";
import { wholeJobBound } from "./row-closing.ts";
import { ANSWERED, EXACT, RowJob } from "./row-job.ts";
import { PLANS, type RowOptions } from "./row-options.ts";
import { simulateRows } from "./simulate-rows.ts";

const small: RowOptions = {
  ...{
    seed: 1,
    volunteers: 15,
    rows: 1_500,
    batchRows: 20,
    bound: 1e-2,
    plan: "constant",
    liarShare: 0.2,
    lieRate: 0.25,
  },
  ...{ isKnown: false, rowsSinceAlarm: 0, wasSomebodyNamed: true },
};
const SEEDS = 40;

describe.each(PLANS.filter((plan) => plan !== "honest"))("a coalition with one memory: %s", (plan) => {
  test("nobody honest is ever named, every row is answered, and the same seed gives the same job", () => {
    let [named, wrongFinal, boundSum] = [0, 0, 0];
    for (let seed = 1; seed <= SEEDS; seed++) {
      const lieRate = [1, 0.25, 0.05][seed % 3]!;
      // In a shorter job nine turns at once are a third of its rows: liars would do twice the share of the work that is assumed.
      const rows = plan === "burst" || plan === "chorus" ? 4 * small.rows : small.rows;
      const tally = simulateRows({ ...small, rows, plan, lieRate, seed });
      expect([seed, tally.honestNamed, tally.unanswered]).toEqual([seed, 0, 0]);
      named += tally.liarsNamed;
      wrongFinal += tally.wrongFinal;
      boundSum += tally.boundSum;
    }
    expect(named).toBeGreaterThan(SEEDS / 2);
    // Seeds 1 to 40 are far below; the tables of many seeds are the bench's.
    expect(wrongFinal).toBeLessThanOrEqual(boundSum);
    expect(simulateRows({ ...small, plan })).toEqual(simulateRows({ ...small, plan }));
  });
});

describe("an honest crowd", () => {
  test("is certified as a whole, nobody is named, and bigger jobs cost a smaller share of trusted rows", async () => {
    const { rows } = await crowdSize({ seed: 1, progress: () => {}, flags: { most: "100" } });
    expect(rows).toHaveLength(4);
    for (const row of rows) expect(row).toMatchObject({ met: "yes", finalShare: 1 });
    expect(rows[2]!.trustedShare).toBeLessThan(rows[0]!.trustedShare as number);
  });

  test("a job that is too small for its bound is not final, but for what the trusted side computed", () => {
    const tally = simulateRows({ ...small, plan: "honest", bound: 1e-5, wasSomebodyNamed: false });
    expect(tally.final).toBe(tally.trustedRows);
    expect(tally.boundSum).toBe(0);
  });
});

describe("who is given what", () => {
  test("no duplicate goes to its author's address: with two at one address nobody vouches for the neighbour", () => {
    const job = new RowJob({ ...small, volunteers: 30, perAddress: 2, plan: "honest" });
    job.run();
    let checks = 0;
    for (const { place, address, partnerChecks } of job.crowd.all) {
      for (const partner of partnerChecks.keys()) {
        expect([place, partner, job.crowd.all[partner]!.address === address]).toEqual([place, partner, false]);
        checks++;
      }
    }
    expect(checks).toBeGreaterThan(100);
  });

  test("a crowd of fewer addresses than cross-checks need is refused: it rests on audits", () => {
    expect(() => new RowJob({ ...small, volunteers: 5, bound: 1e-3 })).toThrow(/of 6 addresses or more, got 5/);
    expect(() => new RowJob({ ...small, volunteers: 20, perAddress: 10, bound: 1e-3 })).toThrow(/got 2/);
  });

  test("every fresh row meets its share of checks, of both sides: h or more of all rows in an honest job", () => {
    const job = new RowJob({ ...small, volunteers: 40, rows: 40_000, batchRows: 40, bound: 1e-3, plan: "honest" });
    job.run();
    const checks = job.crowd.all
      .flatMap(({ partnerChecks }) => [...partnerChecks.values()])
      .reduce((sum, n) => sum + n, 0);
    const h = job.crowd.all[0]!.checkShare;
    // Duplicates that were answered when all fresh rows were out check one side alone.
    expect(checks / 40_000).toBeGreaterThan(0.9 * h);
    // Of newcomers' first rows all below h go out again, and no row's chance falls below two fifths of h.
    expect(checks / 40_000).toBeLessThan(1.4 * h);
  });
});

describe("who is named", () => {
  test("loses all its rows, its word for others, and what waited for it", () => {
    const job = new RowJob({ ...small, plan: "honest" });
    job.run();
    const [someone] = job.crowd.all.toSorted((a, b) => b.rows.length - a.rows.length);
    const partners = job.crowd.all.filter(({ partnerChecks }) => partnerChecks.has(someone!.place));
    expect(partners.length).toBeGreaterThan(0);
    const before = partners.map((partner) => job.checksOf(partner));
    job.name(someone!, false);
    expect(job.queues.waitingFor(someone!.place)).toBe(0);
    for (const row of someone!.rows) expect([row, job.authors[row] === someone!.place]).toEqual([row, false]);
    partners.forEach((partner, at) => {
      expect(job.checksOf(partner)).toBeLessThan(before[at]!);
    });
    job.goOn();
    expect(job.states.every((state) => state === ANSWERED || state === EXACT)).toBe(true);
  });
});

test("[CC5] a fifth of the addresses gets no more through with eight keys behind each, all of which have a record before the others answer", () => {
  const options = { ...small, volunteers: 100, rows: 100_000, batchRows: 40, bound: 1e-3, plan: "rush" } as const;
  let [wrongFinal, boundSum] = [0, 0];
  for (const seed of [1, 2]) {
    const service = { rowsSinceAlarm: 1_000_000, wasSomebodyNamed: false };
    const tally = simulateRows({ ...options, ...service, lieRate: 0.02, keysPerLiar: 8, seed });
    expect(tally).toMatchObject({ liarsMet: 160, honestNamed: 0 });
    wrongFinal += tally.wrongFinal;
    boundSum += tally.boundSum;
  }
  // By heads these keys are two in three of those who check, and all who have a record: they would check themselves.
  expect(wrongFinal).toBeLessThanOrEqual(boundSum);
});

test("a coalition knows again what any of its own was asked, and honest volunteers' rows never", () => {
  const asked = { isLiar: true, rowsDone: 0, place: 0 };
  const options = { ...small, volunteers: 30, rows: 100, plan: "chorus", liarShare: 0.2, lieRate: 1 } as const;
  const coalition = new Coalition(options, simulationRandom(1));
  coalition.answer(asked, 3, 0, false);
  coalition.answer({ ...asked, isLiar: false, place: 9 }, 4, 0, false);
  expect(coalition.knownAmong([3, 4, 5])).toBe(1);
  // Unseen rows are lied about, what was said before is repeated.
  expect([3, 5].map((row) => coalition.answer({ ...asked, place: 1 }, row, 0, true))).toEqual([false, true]);
});

test("what waited for somebody who is named does not go to whoever asked last: it may have waited for that", () => {
  const job = new RowJob({ ...small, volunteers: 30, rows: 3_000, plan: "honest" });
  job.run();
  const [named, author] = job.crowd.all.filter(({ place }) => place !== job.lastAsked);
  job.mayWork = (volunteer) => volunteer === named;
  for (const row of author!.rows)
    if (job.states[row] === ANSWERED && job.authors[row] === author!.place) job.sendAgain(row);
  const waiting = job.queues.waitingFor(named!.place);
  expect(waiting).toBeGreaterThan(30);
  job.mayWork = null;
  job.name(named!, false);
  expect(job.queues.size).toBe(waiting);
  expect(job.queues.waitingFor(job.lastAsked)).toBe(0);
});

describe("certificates", () => {
  const clean = { ...small, volunteers: 30, rows: 6_000, plan: "honest", wasSomebodyNamed: false } as const;

  test("the lowest share of checks counts: to check others more changes nothing", () => {
    const job = new RowJob(clean);
    job.run();
    const before = job.jobChecks();
    for (const volunteer of job.crowd.all.slice(1)) job.raise(volunteer, 0.9);
    job.goOn();
    expect(job.jobChecks()).toBe(before);
  });

  test("a naming counts for the whole job, though who was named had no record", () => {
    const job = new RowJob(clean);
    job.run();
    const newcomer = job.crowd.join(true, 1, 0, job.crowd.all[0]!.checkShare);
    const before = attemptBound(0, job.jobChecks(), ATTEMPT_WEIGHT.job);
    job.name(newcomer, false);
    expect(job.isEstablished(newcomer)).toBe(false);
    expect(wholeJobBound(job) / before).toBeCloseTo(acceptanceConstant(1) / acceptanceConstant(0), 6);
  });

  test("who is given nothing but duplicates knows that it is compared: that checks the authors, and not it", () => {
    const job = new RowJob({ ...clean, volunteers: 15, rows: 300 });
    job.run();
    const [author, second] = job.crowd.all.toSorted((a, b) => b.rows.length - a.rows.length);
    const isTheirs = (row: number) => job.authors[row] === author!.place && job.states[row] === ANSWERED;
    const checks = (volunteer = second!) =>
      [...volunteer.partnerChecks.values()].reduce((sum, count) => sum + count, 0);
    job.mayWork = (volunteer) => volunteer === second;
    const [ofAuthor, ofSecond] = [checks(author), checks(second)];
    for (const row of author!.rows.filter(isTheirs)) job.sendAgain(row);
    // Those that somebody had answered too already are not asked again.
    const asked = job.queues.waitingFor(second!.place);
    expect(asked).toBeGreaterThan(5);
    job.goOn();
    expect(checks(author)).toBe(ofAuthor + asked);
    expect(checks(second)).toBe(ofSecond);
  });
});

test("limits count seeds: Student's t, and none from one seed", () => {
  expect(studentUpper(9, 0.05)).toBeCloseTo(1.833, 3);
  expect(studentUpper(1, 0.025)).toBeCloseTo(12.706, 2);
  const tally = simulateRows(small);
  expect(figuresOf([tally], 1).limit95).toBeNull();
  const two = figuresOf([tally, { ...tally, wrongFinal: tally.wrongFinal + 2 }], 1);
  // Excesses differ by 2, so that their standard error is 1.
  expect(two.limit95! - two.boundSum).toBeCloseTo(studentUpper(1, 0.05), 6);
});

test("every plan of the simulator is in the table of attacks, once a setting", () => {
  expect(new Set(ROW_ATTACKS.map(({ plan }) => plan))).toEqual(new Set(PLANS.filter((plan) => plan !== "honest")));
  expect(new Set(ROW_ATTACKS.map(({ attack }) => attack)).size).toBe(ROW_ATTACKS.length);
});
