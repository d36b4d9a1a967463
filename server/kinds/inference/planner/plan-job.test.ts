import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { quantileOfSome } from "../../../../shared/numbers/quantile.ts";
import { candidates } from "./candidates.ts";
import { type Code, numberBytes } from "./coded-job.ts";
import type { CrowdFacts } from "./crowd-facts.ts";
import { planJob } from "./plan-job.ts";
import { codeInWords, durationInWords, refusalInWords } from "./plan-words.ts";
import { Predictor } from "./predict-code.ts";
import { checksOf, codedJob, knownCrowd, knownTabs, MACS, PLAIN } from "./testing/known-crowd.ts";

const JOB = codedJob(400);
const SIX = [50, 50, 50, 50, 50, 50];
const NEVER = { seen: 0, outOf: 1e6 };

const predicted = (facts: CrowdFacts, job = JOB, code: Code = PLAIN, draws = 6) =>
  new Predictor(job, facts, 1).predict(code, draws);
const half = (values: readonly number[]) => quantileOfSome(values, 0.5);
const timeOf = (facts: CrowdFacts, job = JOB) => half(predicted(facts, job).finishMs);
/** Time and work of computing each row once, all tabs busy to the end. */
const leastMs = (rowMs: readonly number[], rows = JOB.queryCount) => rows / rowMs.reduce((sum, ms) => sum + 1 / ms, 0);

describe("a crowd that is known", () => {
  const steady = knownCrowd(SIX, { slow: NEVER, left: NEVER, silent: NEVER, lying: NEVER });

  test("takes as long as all of its rows take it, and a little for the last ones and for checks", () => {
    expect(timeOf(steady) / leastMs(SIX)).toBeGreaterThan(1);
    expect(timeOf(steady) / leastMs(SIX)).toBeLessThan(1.35);
  });

  test("computes its rows once, and those that check others", () => {
    const job = codedJob(20_000);
    const { duplicateShare } = (job.checks as Extract<typeof job.checks, { by: "account" }>).opening.block.terms;
    expect(duplicateShare).toBeGreaterThan(0);
    const work = half(predicted(steady, job).tabMacs) / (job.queryCount * MACS);
    expect(work).toBeGreaterThan(1 + duplicateShare / 2);
    expect(work).toBeLessThan(1.25 + duplicateShare);
  });

  test("leaves the coordinator the rows that the price of its checks says", () => {
    for (const rows of [400, 1_000]) {
      const job = codedJob(rows);
      const { priceRows } = (job.checks as Extract<typeof job.checks, { by: "account" }>).opening.block.terms;
      expect(half(predicted(steady, job).trustedRows) / priceRows).toBeGreaterThan(0.85);
      expect(half(predicted(steady, job).trustedRows) / priceRows).toBeLessThan(1.15);
    }
  });

  test("a slow fifth of its tabs makes it no later than if these were not there", () => {
    const slow = [50, 50, 50, 50, 50, 50, 50, 50, 500, 500];
    const crowd = (rowMs: readonly number[]) => knownCrowd(rowMs, { slow: NEVER, left: NEVER, silent: NEVER });
    expect(timeOf(crowd(slow)) / timeOf(crowd(slow.slice(0, 8)))).toBeLessThan(1.1);
  });

  test("[CK11] what its account does not carry the coordinator computes itself, whoever answers first", () => {
    const job = codedJob(60);
    expect(job.checks.by).toBe("coordinator");
    const { trustedRows, finishMs } = predicted(steady, job);
    expect(half(trustedRows)).toBe(60);
    expect(half(finishMs)).toBeLessThan(5_000);
  });
});

describe("what goes wrong", () => {
  test("answers that are slow now and then cost time", () => {
    const often = knownCrowd(SIX, { slow: { seen: 3e5, outOf: 1e6 } });
    expect(timeOf(often)).toBeGreaterThan(timeOf(knownCrowd(SIX)));
  });

  test("a liar costs rows that others compute again, and comes back in vain", () => {
    const newcomers = (lying: CrowdFacts["lying"]) =>
      knownCrowd(SIX, { lying, tabs: knownTabs(SIX, { auditsPassed: 0, rowsTaken: 0, rowsMeasured: 0 }) });
    const [honest, lying] = [newcomers(NEVER), newcomers({ seen: 4e5, outOf: 1e6 })];
    expect(timeOf(lying)).toBeGreaterThan(1.2 * timeOf(honest));
  });

  test("where all lie no tab answers anything, and each computes no more than a claim or two", () => {
    const facts = knownCrowd(SIX, {
      lying: { seen: 1e9, outOf: 1e9 },
      tabs: knownTabs(SIX, { auditsPassed: 0, rowsTaken: 0, rowsMeasured: 0 }),
    });
    const { tabMacs } = predicted(facts, JOB, PLAIN, 4);
    for (const macs of tabMacs) expect(macs).toBeLessThan(2 * JOB.queryCount * MACS);
  });

  test("[PC6] whoever is not measured for the model computes known rows beside its own", () => {
    const unknown = knownCrowd(SIX, { tabs: knownTabs(SIX, { rowsMeasured: 0 }) });
    expect(half(predicted(unknown).tabMacs)).toBeGreaterThan(half(predicted(knownCrowd(SIX)).tabMacs));
  });

  test("tabs that are still at something else begin later; what other jobs keep them busy with is in their speed", () => {
    const busy = (ms: number) => ({ tabs: knownTabs(SIX, { isAt: { ms, work: 40 * MACS } }) });
    expect(timeOf(knownCrowd(SIX, busy(0)))).toBeGreaterThan(timeOf(knownCrowd(SIX)) + 1_000);
    const shared = { otherJobs: 1 };
    expect(timeOf(knownCrowd(SIX, { ...busy(0), ...shared }))).toBe(timeOf(knownCrowd(SIX, shared)));
  });

  test("where tabs leave for good a job may have no end, and no time is promised", () => {
    const leaving = knownCrowd([50, 50, 50], { left: { seen: 2e5, outOf: 3e5 } });
    const aim = { finishWithinMs: 60_000, confidence: 0.9 };
    const plan = planJob({ job: JOB, facts: leaving, aim, code: null });
    expect(plan.chosen!.finishMs.some((ms) => !Number.isFinite(ms))).toBe(true);
    expect(plan.isPossible).toBe(false);
  });

  test("a crowd that answers nothing for a day is run no further", () => {
    const silent = predicted(knownCrowd(SIX, { silent: { seen: 1e9, outOf: 1e9 } }));
    expect(new Set(silent.finishMs)).toEqual(new Set([Number.POSITIVE_INFINITY]));
    expect(half(silent.tabMacs)).toBe(0);
  });

  test("a tab that took work and never answered is not reckoned with", () => {
    const [first, ...others] = knownTabs([10, 50, 50, 50, 50, 50]);
    const mute = { ...first!, unansweredInRow: 1e9 };
    const facts = knownCrowd(SIX, { tabs: [mute, ...others] });
    expect(timeOf(facts)).toBeGreaterThan(leastMs(SIX.slice(1)));
  });
});

describe("laws", () => {
  const rowMs = fc.array(fc.integer({ min: 20, max: 200 }), { minLength: 4, maxLength: 10 });
  /** Of medians of so few draws. */
  const NOISE = 1.1;

  test("all tabs twice as fast, or twice as many: never later by more than noise", () => {
    fc.assert(
      fc.property(rowMs, (speeds) => {
        const ms = timeOf(knownCrowd(speeds));
        expect(timeOf(knownCrowd(speeds.map((one) => one / 2)))).toBeLessThanOrEqual(NOISE * ms);
        expect(timeOf(knownCrowd([...speeds, ...speeds]))).toBeLessThanOrEqual(NOISE * ms);
      }),
      { seed: 20_111, numRuns: 3 },
    );
  });

  test("the same facts, the same plan", () => {
    fc.assert(
      fc.property(rowMs, (speeds) => {
        const facts = knownCrowd(speeds);
        const ask = () => planJob({ job: JOB, facts, aim: { budgetMacs: 1e9, confidence: 0.9 }, code: null });
        expect(ask()).toEqual(ask());
      }),
      { seed: 20_112, numRuns: 2 },
    );
  });

  test("other jobs take their part: with one beside it, it takes about twice as long", () => {
    const shared = timeOf(knownCrowd(SIX, { otherJobs: 1 })) / timeOf(knownCrowd(SIX));
    expect(shared).toBeGreaterThan(1.6);
    expect(shared).toBeLessThan(2.4);
  });

  test("a longer job takes longer in proportion, though a part of it is run; and costs so much more", () => {
    const facts = knownCrowd(SIX);
    const [short, long] = [4_000, 40_000].map((rows) => predicted(facts, codedJob(rows)));
    expect(half(long!.finishMs) / half(short!.finishMs)).toBeGreaterThan(8.5);
    expect(half(long!.finishMs) / half(short!.finishMs)).toBeLessThan(11.5);
    expect(half(long!.tabMacs) / half(short!.tabMacs)).toBeGreaterThan(9);
    expect(half(long!.tabMacs) / half(short!.tabMacs)).toBeLessThan(11);
  });

  test("of a large crowd a sample is run, and costs what all of it costs", () => {
    const [all, sample] = [96, 48].map((tabs) =>
      predicted(knownCrowd(Array.from({ length: tabs }, () => 50)), codedJob(40 * tabs), PLAIN, 4),
    );
    expect(half(all!.tabMacs) / half(sample!.tabMacs)).toBeCloseTo(2, 0);
    expect(half(all!.finishMs) / half(sample!.finishMs)).toBeCloseTo(1, 0);
  });
});

describe("the dial", () => {
  const facts = knownCrowd([30, 40, 50, 60, 70, 80, 90, 100]);

  test("without a crowd there is nothing to choose with", () => {
    const aim = { finishWithinMs: 5_000, confidence: 0.9 };
    const nothing = { chosen: null, isPossible: false, stops: [] };
    expect(planJob({ job: JOB, facts: knownCrowd([]), aim, code: null })).toEqual(nothing);
  });

  test("codes whose rows go out each by itself are one; mixtures are looked at where estimates may stand", () => {
    expect(candidates(JOB, facts)).toEqual([PLAIN]);
    const fast = candidates({ ...JOB, completion: "fast", confidenceFloor: 0 }, facts);
    expect(fast[0]).toEqual(PLAIN);
    expect(fast.slice(1).every(({ spares, queriesPerGroup }) => spares === "parities" && queriesPerGroup > 1)).toBe(
      true,
    );
    expect(fast.length).toBeGreaterThan(2);
  });

  test("[SC8] whole numbers are never proposed a code that mixes, and cost what they are on the wire", () => {
    const job = codedJob(400, { completion: "fast", confidenceFloor: 0, wholeRowBytes: 12 });
    expect(candidates(job, facts)).toEqual([PLAIN]);
    expect(numberBytes(job).raw * job.inputSize).toBe(12);
  });

  test("a code that is given is predicted whatever it is: a majority, mixtures alone, a model of its own for these", () => {
    const checks = checksOf(JOB.queryCount);
    for (const code of [
      { ...PLAIN, scheme: "replication", liars: 1 },
      { ...PLAIN, scheme: "approxifer", queriesPerGroup: 3, stragglers: 1 },
      { ...PLAIN, scheme: "parm", queriesPerGroup: 4, stragglers: 1, spares: "auto" },
      { ...PLAIN, queriesPerGroup: 4, stragglers: 1, spares: "parities" },
    ] as const) {
      const job = { ...JOB, checks, completion: "fast", confidenceFloor: 0 } as const;
      const { finishMs, tabMacs } = predicted(facts, job, code, 3);
      expect(half(finishMs), code.scheme).toBeLessThan(120_000);
      expect(half(tabMacs), code.scheme).toBeGreaterThan(JOB.queryCount * MACS);
    }
  });

  test("a time that nobody can keep is refused with what is possible", () => {
    const aim = { finishWithinMs: 500, confidence: 0.9 };
    const { chosen, isPossible, stops } = planJob({ job: JOB, facts, aim, code: null });
    expect(isPossible).toBe(false);
    expect(refusalInWords(aim, chosen!, stops)).toMatch(
      /^expected a time that this crowd can keep with confidence \.90, got 500 ms, which is kept in 0 %; possible are [\d.]+ s$/,
    );
  });

  test("a budget that nobody can keep to is refused with what is possible", () => {
    const aim = { budgetMacs: 1e6, confidence: 0.9 };
    const { chosen, isPossible, stops } = planJob({ job: JOB, facts, aim, code: null });
    expect(isPossible).toBe(false);
    expect(refusalInWords(aim, chosen!, stops)).toMatch(/got 1\.00e\+6 multiply-adds.*possible are \d\.\d\de\+8$/);
  });
});

describe("in plain words", () => {
  test("small crowds", () => {
    expect(codeInWords({ ...PLAIN, stragglers: 1, spares: "parities" }, 3)).toBe("3 tabs: copies of two, no parities");
    expect(codeInWords(PLAIN, 1)).toBe("1 tab: every query once, no parities; late batches are sent again");
    const four = { ...PLAIN, queriesPerGroup: 4, stragglers: 1 };
    expect(codeInWords(four, 8)).toBe(
      "8 tabs: groups of four, no parities; the last one of a group are backed up at once",
    );
    expect(codeInWords({ ...four, spares: "parities", liars: 1 }, 8)).toBe(
      "8 tabs: groups of four with two parities, for one late and one lying",
    );
  });

  test("times have the unit that one would say", () => {
    expect([999, 1_500, 61_000, 600_000, 8 * 3_600_000].map(durationInWords)).toEqual([
      ...["999 ms", "1.5 s", "61 s", "10 min", "8.0 h"],
    ]);
  });
});
