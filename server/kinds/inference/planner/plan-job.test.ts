import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { quantileOfSome } from "../../../../shared/numbers/quantile.ts";
import { candidates } from "./candidates.ts";
import { type CodedJob, numberBytes } from "./coded-job.ts";
import type { CrowdFacts } from "./crowd-facts.ts";
import { planJob } from "./plan-job.ts";
import { codeInWords, durationInWords, refusalInWords } from "./plan-words.ts";
import { Predictor } from "./predict-code.ts";

const MACS = 1e6;
const JOB: CodedJob = {
  queryCount: 240,
  macsPerQuery: MACS,
  inputSize: 10,
  outputSize: 4,
  modelBytes: 1_000,
  isBytes: false,
  wholeRowBytes: null,
  completion: "exact",
  answerBound: 1e-3,
  confidenceFloor: 0.9,
};
const CODE = {
  scheme: "systematic",
  queriesPerGroup: 4,
  stragglers: 1,
  liars: 0,
  groupsPerRound: 5,
  roundsInFlight: 4,
  spares: "backups",
} as const;

/** Tabs that take `rowMs` a row, steady but for one answer in ten, of which some hundreds were seen. */
function crowd(rowMs: readonly number[], changes: Partial<CrowdFacts> = {}): CrowdFacts {
  return {
    tabs: rowMs.map((ms) => ({
      responses: [0.95, 1, 1.05, 1, 0.98].map((ratio) => ({ ms: 5 * ms * ratio, work: 5 * MACS })),
      auditsPassed: 50,
      rowsMeasured: 50,
      isAt: null,
    })),
    volunteersReady: rowMs.length,
    ratios: Array.from({ length: 100 }, (_, i) => (i % 10 === 0 ? 4 : 0.95 + (i % 9) / 80)),
    slow: { seen: 30, outOf: 300 },
    left: { seen: 1, outOf: 300 },
    silent: { seen: 0, outOf: 300 },
    lying: { seen: 0, outOf: rowMs.length },
    absencesMs: [],
    awayCount: 0,
    otherJobs: 0,
    liarShares: { newcomers: 0.1, established: 0.1 },
    secondOpinionShare: 0.25,
    ...changes,
  };
}

const times = (facts: CrowdFacts, job = JOB, draws = 24) => {
  const { finishMs } = new Predictor(job, facts, 1).predict(CODE, draws);
  return [quantileOfSome(finishMs, 0.5), quantileOfSome(finishMs, 0.9)] as const;
};

describe("more capacity", () => {
  const rowMs = fc.array(fc.integer({ min: 20, max: 200 }), { minLength: 4, maxLength: 12 });

  test("all tabs twice as fast: never later", () => {
    fc.assert(
      fc.property(rowMs, (speeds) => {
        const [slow, fast] = [times(crowd(speeds)), times(crowd(speeds.map((ms) => ms / 2)))];
        expect(fast[0]).toBeLessThanOrEqual(slow[0]);
        expect(fast[1]).toBeLessThanOrEqual(slow[1]);
      }),
      { seed: 20_111, numRuns: 12 },
    );
  });

  test("the same crowd twice over: never later", () => {
    fc.assert(
      fc.property(rowMs, (speeds) => {
        const [once, twice] = [times(crowd(speeds)), times(crowd([...speeds, ...speeds]))];
        expect(twice[0]).toBeLessThanOrEqual(once[0]);
      }),
      { seed: 20_112, numRuns: 12 },
    );
  });

  test("other jobs take their part: with one beside it, it takes about twice as long", () => {
    const [alone] = times(crowd([50, 50, 50, 50, 50, 50]));
    const [shared] = times(crowd([50, 50, 50, 50, 50, 50], { otherJobs: 1 }));
    expect(shared / alone).toBeGreaterThan(1.6);
    expect(shared / alone).toBeLessThan(2.4);
  });
});

test("a longer job takes longer in proportion, though it is rehearsed in part; and costs so much more", () => {
  const facts = crowd(Array.from({ length: 10 }, () => 50));
  const predicted = (queryCount: number) => new Predictor({ ...JOB, queryCount }, facts, 1).predict(CODE, 12);
  const [short, long] = [predicted(4_000), predicted(40_000)];
  expect(quantileOfSome(long.finishMs, 0.5) / quantileOfSome(short.finishMs, 0.5)).toBeCloseTo(10, -0.5);
  expect(quantileOfSome(long.tabMacs, 0.5) / quantileOfSome(short.tabMacs, 0.5)).toBeCloseTo(10, -0.5);
});

test("a large crowd is rehearsed by a sample of it, and costs what all of it costs", () => {
  const [sample, half] = [96, 48].map((tabs) => {
    const facts = crowd(Array.from({ length: tabs }, () => 50));
    return new Predictor({ ...JOB, queryCount: 40 * tabs }, facts, 1).predict({ ...CODE, roundsInFlight: 40 }, 12);
  });
  expect(quantileOfSome(sample!.tabMacs, 0.5) / quantileOfSome(half!.tabMacs, 0.5)).toBeCloseTo(2, 0);
  expect(quantileOfSome(sample!.finishMs, 0.5) / quantileOfSome(half!.finishMs, 0.5)).toBeCloseTo(1, 0);
});

test("a liar is found by its first audit: what it did is done again, and it works no more", () => {
  const honest = crowd([50, 50, 50, 50, 50, 50], {
    tabs: crowd([50, 50, 50, 50, 50, 50]).tabs.map((tab) => ({ ...tab, auditsPassed: 0, rowsMeasured: 0, isAt: null })),
  });
  const lying = { ...honest, lying: { seen: 400, outOf: 1_000 } };
  expect(times(lying)[0]).toBeGreaterThan(times(honest)[0]);
});

test("where all lie nothing is answered, and each does no more than it was sent before its first audit", () => {
  const { tabs, ...known } = crowd([50, 50, 50, 50, 50, 50], { lying: { seen: 1e9, outOf: 1e9 } });
  const facts = { ...known, tabs: tabs.map((tab) => ({ ...tab, auditsPassed: 0 })) };
  const { finishMs, tabMacs } = new Predictor(JOB, facts, 1).predict(CODE, 12);
  expect(finishMs).toEqual(Array.from({ length: 12 }, () => Number.POSITIVE_INFINITY));
  // Two batches each, for the second is sent before the verdict on the first; with no more golden rows than rows.
  const macsMax = 6 * 2 * (2 * CODE.groupsPerRound) * MACS;
  for (const macs of tabMacs) {
    expect(macs).toBeGreaterThan(0);
    expect(macs).toBeLessThanOrEqual(macsMax);
  }
});

test("[PC6] whose class for the model is not measured computes golden rows beside its own, and more of it is recomputed", () => {
  const known = crowd([50, 50, 50, 50, 50, 50]);
  const unknown = { ...known, tabs: known.tabs.map((tab) => ({ ...tab, rowsMeasured: 0 })) };
  const [of, without] = [known, unknown].map((facts) => new Predictor(JOB, facts, 1).predict(CODE, 12));
  expect(quantileOfSome(without!.tabMacs, 0.5)).toBeGreaterThan(quantileOfSome(of!.tabMacs, 0.5));
  expect(quantileOfSome(without!.auditedRows, 0.5)).toBeGreaterThan(quantileOfSome(of!.auditedRows, 0.5));
});

test("tabs that are still at something else begin later; who is overdue may be so for as long again", () => {
  const idle = crowd([50, 50, 50, 50, 50, 50]);
  const busyFor = (ms: number) => ({
    ...idle,
    tabs: idle.tabs.map((tab) => ({ ...tab, isAt: { ms, work: 10 * MACS } })),
  });
  expect(times(busyFor(0))[0]).toBeGreaterThan(times(idle)[0] + 200);
  expect(times(busyFor(60_000))[0]).toBeGreaterThan(60_000);
  // What other jobs keep them busy with is in their speed.
  const shared = { otherJobs: 1 };
  expect(times({ ...busyFor(0), ...shared })).toEqual(times({ ...idle, ...shared }));
});

test("where tabs leave for good, a job may have no end, and no time is promised", () => {
  const leaving = crowd([50, 50, 50], { left: { seen: 150, outOf: 300 } });
  const { finishMs } = new Predictor(JOB, leaving, 1).predict(CODE, 24);
  expect(finishMs.some((ms) => !Number.isFinite(ms))).toBe(true);
  const plan = planJob({ job: JOB, facts: leaving, aim: { finishWithinMs: 5_000, confidence: 0.9 }, code: null });
  expect(plan.isPossible).toBe(false);
});

test("[DP6] where as many tabs are as a code has worker indices, one that is gone ends no job: the others hold its part too", () => {
  const four = { ...CODE, queriesPerGroup: 4, stragglers: 0, spares: "auto" } as const;
  // One of four lies, more or less; or one leaves and stays away.
  const { tabs, ...known } = crowd([50, 50, 50, 50]);
  const lying = {
    ...known,
    tabs: tabs.map((tab) => ({ ...tab, auditsPassed: 0 })),
    lying: { seen: 250, outOf: 1_000 },
  };
  const leaving = { ...known, tabs, left: { seen: 3, outOf: 300 } };
  for (const facts of [lying, leaving]) {
    for (const volunteersReady of [4, 5]) {
      const { finishMs } = new Predictor(JOB, { ...facts, volunteersReady }, 1).predict(four, 48);
      const ended = finishMs.filter((ms) => Number.isFinite(ms));
      expect(ended.length).toBeGreaterThan(0.9 * finishMs.length);
    }
  }
});

describe("the dial", () => {
  const facts = crowd([30, 40, 50, 60, 70, 80, 90, 100]);

  test("without a crowd there is nothing to choose with", () => {
    const aim = { finishWithinMs: 5_000, confidence: 0.9 };
    expect(planJob({ job: JOB, facts: crowd([]), aim, code: null })).toEqual({
      chosen: null,
      isPossible: false,
      stops: [],
    });
  });

  test("the same question has the same answer", () => {
    const ask = () => planJob({ job: JOB, facts, aim: { budgetMacs: 1e9, confidence: 0.9 }, code: null });
    expect(ask()).toEqual(ask());
  });

  test("a time that nobody can keep is refused with what is possible", () => {
    const aim = { finishWithinMs: 1_000, confidence: 0.9 };
    const { chosen, isPossible, stops } = planJob({ job: JOB, facts, aim, code: null });
    expect(isPossible).toBe(false);
    expect(refusalInWords(aim, chosen!, stops)).toMatch(
      /^expected a time that this crowd can keep with confidence \.90, got 1\.0 s, which is kept in 0 %; possible are [\d.]+ s$/,
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
    const one = { ...CODE, queriesPerGroup: 1 } as const;
    expect(codeInWords({ ...one, spares: "parities" }, 3)).toBe("3 tabs: copies of two, no parities");
    expect(codeInWords({ ...one, stragglers: 0 }, 1)).toBe(
      "1 tab: every query once, no parities; late batches are sent again",
    );
    expect(codeInWords(CODE, 8)).toBe(
      "8 tabs: groups of four, no parities; the last one of a group are backed up at once",
    );
    expect(codeInWords({ ...CODE, spares: "parities", liars: 1 }, 8)).toBe(
      "8 tabs: groups of four with two parities, for one late and one lying",
    );
  });

  test("times have the unit that one would say", () => {
    expect([999, 1_500, 61_000, 600_000, 8 * 3_600_000].map(durationInWords)).toEqual([
      "999 ms",
      "1.5 s",
      "61 s",
      "10 min",
      "8.0 h",
    ]);
  });
});

test("[SC8] whole numbers are never proposed a code that mixes, and cost what they are on the wire", () => {
  const job: CodedJob = { ...JOB, completion: "fast", confidenceFloor: 0 };
  const sparesOf = (one: CodedJob) => {
    const codes = candidates(one, crowd(Array.from({ length: 12 }, () => 4)));
    return new Set(codes.filter(({ queriesPerGroup }) => queriesPerGroup > 1).map(({ spares }) => spares));
  };
  expect(sparesOf(job)).toEqual(new Set(["backups", "parities"]));
  expect(sparesOf({ ...job, wholeRowBytes: 12 })).toEqual(new Set(["backups"]));
  expect(numberBytes({ ...job, wholeRowBytes: 12 }).raw * job.inputSize).toBe(12);
});
