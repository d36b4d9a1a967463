/**
 * Coded training is exact: whatever stragglers and liars the code's budget allows, the weights after 50 iterations equal, bit
 * for bit, those of the same fixed-point computation on one machine.
 */
import { beforeAll, describe, expect, test } from "vitest";
import { planRun, type RunParameters } from "../../../server/coded/core/run-plan.ts";
import { RoundsEngine } from "../../../server/coded/engine/rounds-engine.ts";
import { RegressionNumerics, type TrainingJob } from "../../../server/kinds/regression/engine/regression-engine.ts";
import { planRounding } from "../../../server/kinds/regression/engine/rounding.ts";
import { surveyFeatures } from "../../../server/kinds/regression/engine/survey.ts";
import type { ModelKind } from "../../../server/kinds/regression/engine/targets.ts";
import type { FieldKernels } from "../../../shared/compute/field/field-kernels.ts";
import { createWasmKernels } from "../../../shared/compute/field/wasm-kernels.ts";
import { normal, randomAt, simulationRandom } from "../../../shared/random/simulation-random.ts";
import { type CrowdMember, type CrowdOutcome, runCrowd } from "../../crowd/coded-crowd.ts";
import { ATTACK_NAMES, ATTACKS, type Attack, type AttackName } from "../../crowd/product-lies.ts";
import { type ReferenceJob, trainOnOneMachine } from "./regression-reference.ts";

const ITERATIONS = 50;
const QUICK_MS = 10;
const NEVER_MS = 1e12;

let kernels: FieldKernels;
beforeAll(async () => {
  kernels = await createWasmKernels();
});

/** Real-valued features with both signs, of very different sizes; labels that they explain in part. */
function makeJob(kind: ModelKind, rows: number, columns: number, seed: number): ReferenceJob {
  const random = simulationRandom(seed);
  const values = Float64Array.from({ length: rows * columns }, (_, i) => normal(random) * 10 ** ((i % columns) % 4));
  const labels = Float64Array.from({ length: rows }, (_, r) => {
    const score = values[r * columns]! + normal(random) / 2;
    if (kind === "linear") return score * 3 - 1;
    if (kind === "logistic") return score > 0 ? 1 : -1;
    return score > 0.5 ? 2 : score > -0.5 ? 1 : 0;
  });
  // Every class must be there, whatever the draw.
  if (kind !== "linear") labels.set(kind === "logistic" ? [1, -1] : [0, 1, 2]);
  const momentum = kind === "linear" ? 0.5 : 0.9;
  const features = { values, rows, columns, inputScale: 1 };
  return {
    kind,
    features,
    labels,
    rounding: planRounding(surveyFeatures(features), null),
    optimizer: { rate: kind === "linear" ? 1e-7 : 1e-5, momentum, l2: 0.01 },
  };
}

interface Pattern {
  readonly stragglers: readonly number[];
  readonly liars: readonly number[];
}

function crowdOf(count: number, { stragglers, liars }: Pattern, attackOf: (liar: number) => Attack): CrowdMember[] {
  return Array.from({ length: count }, (_, i) => ({
    volunteerId: `v${String(i).padStart(2, "0")}`,
    isInvited: true,
    responseMs: ({ roundId }) => (stragglers.includes(i) ? NEVER_MS : QUICK_MS + ((i * 7 + roundId * 5) % 13)),
    ...(liars.includes(i)
      ? { attack: attackOf(i), colluder: `v${String(liars.at(-1 - liars.indexOf(i))).padStart(2, "0")}` }
      : {}),
  }));
}

/** An engine whose masks and keys are the same every time. */
function engineFor(job: TrainingJob) {
  const engine = new RoundsEngine((same: TrainingJob) => new RegressionNumerics(same), kernels, simulationRandom(99));
  return { engine, prepare: () => engine.prepare(job, null) };
}

function train(job: ReferenceJob, parameters: RunParameters, members: readonly CrowdMember[]) {
  const plan = planRun(parameters);
  return runCrowd({ plan, settings: { iterations: ITERATIONS }, ...engineFor({ plan, ...job }), kernels, members });
}

function expectExact(outcome: CrowdOutcome, reference: Float64Array, pattern: Pattern): void {
  expect(outcome.state.end).toEqual({ kind: "done", reason: "50 iterations", weightsOf: ITERATIONS });
  expect(outcome.weights).toEqual(reference);
  expect(outcome.wrongAccepted).toBe(0);
  expect(outcome.honestRejected).toBe(0);
  expect(outcome.liesBeforeNamed).toBe(0);
  const named = outcome.state.liars.map(({ volunteerId }) => Number(volunteerId.slice(1))).sort((a, b) => a - b);
  expect(named).toEqual([...pattern.liars].sort((a, b) => a - b));
}

/** All subsets of the given size. */
function subsets(items: readonly number[], size: number): number[][] {
  if (size === 0) return [[]];
  return items.flatMap((item, i) => subsets(items.slice(i + 1), size - 1).map((rest) => [item, ...rest]));
}

function allPatterns(count: number, stragglerCount: number, liarCount: number): Pattern[] {
  const everybody = Array.from({ length: count }, (_, i) => i);
  return subsets(everybody, stragglerCount).flatMap((stragglers) =>
    subsets(
      everybody.filter((i) => !stragglers.includes(i)),
      liarCount,
    ).map((liars) => ({ stragglers, liars })),
  );
}

// 20 rows, 7 features: no multiples of K = 3.
const SMALL = {
  logistic: makeJob("logistic", 20, 7, 1),
  linear: makeJob("linear", 20, 7, 2),
  softmax: makeJob("softmax", 20, 7, 3),
};
const EXHAUSTIVE = [
  { colluders: 0, stragglers: 1, liars: 1, patternCount: 20 },
  { colluders: 0, stragglers: 2, liars: 1, patternCount: 60 },
  { colluders: 0, stragglers: 1, liars: 2, patternCount: 60 },
  { colluders: 0, stragglers: 0, liars: 3, patternCount: 20 },
  { colluders: 2, stragglers: 1, liars: 1, patternCount: 42 },
  { colluders: 2, stragglers: 0, liars: 2, patternCount: 21 },
];

describe.each(Object.entries(SMALL))(
  "%s, K = 3: every pattern of stragglers and liars gives the same bits",
  (_, job) => {
    const reference = trainOnOneMachine(job, ITERATIONS);
    test.each(EXHAUSTIVE)("T = $colluders, S = $stragglers, M = $liars", async ({ patternCount, ...budget }) => {
      const parameters: RunParameters = { scheme: "avcc", dataVolunteers: 3, ...budget };
      const count = planRun(parameters).volunteerCount;
      let ran = 0;
      for (const pattern of allPatterns(count, budget.stragglers, budget.liars)) {
        const attack = ATTACKS[(["reverse", "constant", "noise", "oneEntry"] as const)[ran % 4]!];
        expectExact(
          await train(
            job,
            parameters,
            crowdOf(count, pattern, () => attack),
          ),
          reference,
          pattern,
        );
        ran++;
      }
      expect(ran).toBe(patternCount);
    });
  },
);

test("the weights move, and the two codes of an exact run differ in their shards alone", () => {
  for (const job of Object.values(SMALL)) {
    const weights = trainOnOneMachine(job, ITERATIONS);
    expect(weights.every((weight) => Number.isFinite(weight) && weight !== 0)).toBe(true);
  }
});

describe("N = 12, K = 9, random patterns and features", () => {
  test.each([0, 2])("T = %i", async (colluders) => {
    let ran = 0;
    for (let draw = 0; draw < 12; draw++) {
      const random = randomAt(7, colluders, draw);
      const kind = (["logistic", "linear", "softmax"] as const)[draw % 3]!;
      const job = makeJob(kind, 40 + random.integer(30), 11 + random.integer(15), 100 + draw);
      const liarCount = random.integer(4);
      const parameters: RunParameters = {
        scheme: "avcc",
        dataVolunteers: 9 - colluders,
        stragglers: 3 - liarCount,
        liars: liarCount,
        colluders,
      };
      expect(planRun(parameters).volunteerCount).toBe(12);
      const order = Array.from({ length: 12 }, (_, i) => i).sort(() => random.uniform() - 0.5);
      const pattern = { stragglers: order.slice(0, 3 - liarCount), liars: order.slice(3 - liarCount, 3) };
      const members = crowdOf(12, pattern, () => ATTACKS.noise);
      expectExact(await train(job, parameters, members), trainOnOneMachine(job, ITERATIONS), pattern);
      ran++;
    }
    expect(ran).toBe(12);
  });
});

describe("beyond LCC's bound, N = 12, K = 9", () => {
  const job = makeJob("logistic", 50, 20, 50);
  const reference = trainOnOneMachine(job, ITERATIONS);
  const cases = [
    { stragglers: [0, 5], liars: [3] },
    { stragglers: [2], liars: [7, 10] },
    { stragglers: [], liars: [1, 6, 11] },
  ];
  test.each(cases)("avcc is right with stragglers $stragglers and liars $liars", async (pattern) => {
    const parameters: RunParameters = {
      scheme: "avcc",
      dataVolunteers: 9,
      stragglers: pattern.stragglers.length,
      liars: pattern.liars.length,
      colluders: 0,
    };
    const members = crowdOf(12, pattern, () => ATTACKS.reverse);
    expectExact(await train(job, parameters, members), reference, pattern);
  });

  test("lcc for S = M = 1 is right within its bound; beyond it, it stalls or is wrong, and says so", async () => {
    const lcc: RunParameters = { scheme: "lcc", dataVolunteers: 9, stragglers: 1, liars: 1, colluders: 0 };
    expect(planRun(lcc)).toMatchObject({ volunteerCount: 12, resultsNeeded: 11 });
    const within = await train(
      job,
      lcc,
      crowdOf(12, { stragglers: [4], liars: [2] }, () => ATTACKS.reverse),
    );
    expect(within.weights).toEqual(reference);
    // The very first product is of zero weights: reversed, it is the same.
    expect(within.state).toMatchObject({ undecodedRounds: 0, correctedResults: 2 * ITERATIONS - 1 });

    const twoSlow = await train(
      job,
      lcc,
      crowdOf(12, cases[0]!, () => ATTACKS.reverse),
    );
    // It must wait for one of the two: with answers that never come, for ever.
    expect(twoSlow.endMs).toBeGreaterThanOrEqual(NEVER_MS);
    for (const pattern of cases.slice(1)) {
      const beyond = await train(
        job,
        lcc,
        crowdOf(12, pattern, () => ATTACKS.reverse),
      );
      expect(beyond.state.undecodedRounds).toBeGreaterThan(0);
      expect(beyond.wrongAccepted).toBeGreaterThan(0);
      expect(beyond.weights).not.toEqual(reference);
    }
  });
});

describe("attacks: no wrong result is accepted, every liar is named in its first lie, honest ones never", () => {
  const job = makeJob("softmax", 40, 17, 60);
  const reference = trainOnOneMachine(job, ITERATIONS);
  const parameters: RunParameters = {
    scheme: "avcc",
    dataVolunteers: 9,
    stragglers: 0,
    liars: 3,
    colluders: 0,
  };
  test.each(ATTACK_NAMES)("%s, by 1, 2 and 3 liars", async (name: AttackName) => {
    // Colluders swap in pairs: one alone has nobody to swap with.
    for (const liars of name === "swap"
      ? [
          [2, 9],
          [0, 4, 11],
        ]
      : [[5], [2, 9], [0, 4, 11]]) {
      const members = crowdOf(12, { stragglers: [], liars }, () => ATTACKS[name]);
      const outcome = await train(job, parameters, members);
      expect(outcome.forged).toBeGreaterThanOrEqual(name === "swap" ? 2 : liars.length);
      // The middle one of three is its own colluder, and so honest.
      const lying = name === "swap" && liars.length === 3 ? [liars[0]!, liars[2]!] : liars;
      expectExact(outcome, reference, { stragglers: [], liars: lying });
      if (name === "sleeper") for (const { iteration } of outcome.state.liars) expect(iteration).toBe(20);
    }
  });
});

describe("whatever the crowd does, the weights are the same bits", () => {
  const job = makeJob("logistic", 50, 20, 70);
  const reference = trainOnOneMachine(job, ITERATIONS);
  const quick = (i: number, changes: Partial<CrowdMember> = {}): CrowdMember => ({
    volunteerId: `v${String(i).padStart(2, "0")}`,
    isInvited: true,
    responseMs: () => QUICK_MS + i / 10,
    ...changes,
  });

  test("more stragglers and liars than the code bears: it re-encodes with a smaller K, and stops waiting", async () => {
    const parameters: RunParameters = {
      scheme: "avcc",
      dataVolunteers: 9,
      stragglers: 2,
      liars: 1,
      colluders: 0,
    };
    const members = Array.from({ length: 12 }, (_, i) =>
      quick(i, i < 2 ? { responseMs: () => 1_000 } : i > 9 ? { attack: ATTACKS.oneEntry } : {}),
    );
    const outcome = await train(job, parameters, members);
    expectExact(outcome, reference, { stragglers: [0, 1], liars: [10, 11] });
    expect(outcome.state.codeChanges.map(({ blockCount }) => blockCount)).toEqual([8]);
    // Four rounds wait for a slow one, and what the re-encoding overlaps; static coding would wait in all 100.
    expect(outcome.endMs).toBeLessThan(10_000);
  });

  test.each([
    { colluders: 0, shardsPerVolunteer: 1 },
    { colluders: 0, shardsPerVolunteer: 4 },
    { colluders: 2, shardsPerVolunteer: 1 },
  ])("volunteers come, go, come back and lie: T = $colluders, g = $shardsPerVolunteer", async (shape) => {
    const parameters: RunParameters = { scheme: "avcc", dataVolunteers: 5, stragglers: 1, liars: 1, ...shape };
    const count = planRun(parameters).volunteerCount;
    let changes = 0;
    for (let draw = 0; draw < 10; draw++) {
      const random = randomAt(8, shape.colluders, shape.shardsPerVolunteer, draw);
      const members = Array.from({ length: count + 4 }, (_, i) => {
        const at = () => random.integer(4_000);
        const [a, b, c] = [at(), at(), at()].sort((x, y) => x - y) as [number, number, number];
        // Some leave for good, some reload, some join late.
        const presence = [
          [
            [0, a],
            [b, c],
            [c + 100, 1e9],
          ],
          [
            [0, a],
            [a + 50, 1e9],
          ],
          [[a, 1e9]],
          [[0, 1e9]],
        ][i < count ? i % 4 : 2] as [number, number][];
        return quick(i, {
          presence: i < count ? [[0, Math.max(1, presence[0]![1])], ...presence.slice(1)] : presence,
          speed: 1 + random.integer(4),
          ...(random.integer(5) === 0 ? { attack: ATTACKS.reverse } : {}),
        });
      });
      // However many of the others lie or leave, the job can be ended by these.
      const late = Array.from({ length: count }, (_, i) => quick(50 + i, { presence: [[5_000, 1e9]] }));
      const outcome = await train(job, parameters, [...members, ...late]);
      expect(outcome.state.end?.kind).toBe("done");
      expect(outcome.weights).toEqual(reference);
      expect([outcome.wrongAccepted, outcome.honestRejected, outcome.liesBeforeNamed]).toEqual([0, 0, 0]);
      changes += outcome.state.codeChanges.length;
    }
    expect(changes).toBeGreaterThan(0);
  });

  test("replication and uncoded give the same bits where nobody lies beyond their bound", async () => {
    const honest = Array.from({ length: 9 }, (_, i) => quick(i));
    const uncoded: RunParameters = {
      scheme: "uncoded",
      dataVolunteers: 9,
      stragglers: 0,
      liars: 0,
      colluders: 0,
    };
    expect((await train(job, uncoded, honest)).weights).toEqual(reference);
    const replication: RunParameters = { ...uncoded, scheme: "replication", dataVolunteers: 3, liars: 1 };
    const voted = await train(
      job,
      replication,
      Array.from({ length: 9 }, (_, i) => quick(i, i === 4 ? { attack: ATTACKS.noise } : {})),
    );
    expect(voted.weights).toEqual(reference);
    expect(voted.state.correctedResults).toBeGreaterThan(0);
  });
});

test("a sum that is too coarse for the field is cut in chunks: the same bits, and close to Float64", async () => {
  const rows = 3_000;
  const random = simulationRandom(80);
  // Whole numbers up to 4,095 in long columns: their norm leaves one sum of residuals less than seven bits.
  const values = Uint16Array.from({ length: rows * 4 }, () => 3_000 + random.integer(1_096));
  const labels = Float64Array.from({ length: rows }, (_, r) => (values[4 * r]! > 3_500 ? 1 : 0));
  const chunked: ReferenceJob = {
    kind: "logistic",
    features: { values, rows, columns: 4, inputScale: 1 / 4_095 },
    labels,
    rounding: null,
    optimizer: { rate: 0.5, momentum: 0, l2: 0 },
  };
  const plan = planRun({ scheme: "avcc", dataVolunteers: 3, stragglers: 1, liars: 1, colluders: 0 });
  const { engine, prepare } = engineFor({ plan, ...chunked });
  expect(prepare()).toEqual([expect.stringContaining("Sums are cut in")]);
  const outcome = await runCrowd({
    plan,
    settings: { iterations: 10 },
    engine,
    prepare,
    kernels,
    members: crowdOf(5, { stragglers: [1], liars: [3] }, () => ATTACKS.oneEntry),
  });
  expect(outcome.weights).toEqual(trainOnOneMachine(chunked, 10));
});

test("a rate that is too large ends as diverged, with the last good weights and the reason", async () => {
  const job = makeJob("linear", 30, 6, 90);
  const parameters: RunParameters = {
    scheme: "avcc",
    dataVolunteers: 3,
    stragglers: 1,
    liars: 1,
    colluders: 0,
  };
  const wild = { ...job, optimizer: { ...job.optimizer, rate: 1 } };
  const outcome = await train(
    wild,
    parameters,
    crowdOf(5, { stragglers: [], liars: [] }, () => ATTACKS.reverse),
  );
  expect(outcome.state.end).toMatchObject({ kind: "diverged", weightsOf: 0 });
  expect(outcome.state.end?.reason).toMatch(/^the loss grew from/);
  expect(outcome.weights!.every((weight) => weight === 0)).toBe(true);
});
