/** The `avcc` bench computes each course of the weights once and replays delays on it: here both are done, on a small draw. */
import { beforeAll, describe, expect, test } from "vitest";
import type { FieldKernels } from "../../shared/compute/field/field-kernels.ts";
import { createWasmKernels } from "../../shared/compute/field/wasm-kernels.ts";
import {
  BENCH_ATTACKS,
  BENCH_SCHEMES,
  type CrowdCase,
  DELAY_MODELS,
  FRESH_MS_MEAN,
  ITERATIONS,
  PINNED_FACTOR,
  responseMs,
  rolesOf,
  SETTINGS,
  TASK_MS_LEAST,
} from "./avcc-cases.ts";
import { type BenchData, benchData, floatAccuracies } from "./avcc-data.ts";
import { rowsOf, sampleOf } from "./avcc-rows.ts";
import { dependsOnDelays, realRun, replayedRun, type Trajectory, trajectoryKey } from "./avcc-runs.ts";

const COSTS = { broadcast: 0.4, verify: 0.1, decode: 0.3, link: 0.2, update: 0.1, encodeShards: 300 };
const SEED = 5;

let data: BenchData;
let kernels: FieldKernels;
beforeAll(async () => {
  data = await benchData({ trainPerDigit: 60, validationPerDigit: 1, columns: 1_200 });
  kernels = await createWasmKernels();
});

test("a replay takes the same virtual time as the real run, and runs that share a course have the same weights", async () => {
  const courses = new Map<string, Trajectory>();
  let replays = 0;
  for (const scheme of BENCH_SCHEMES) {
    for (const setting of SETTINGS) {
      for (const [i, attack] of BENCH_ATTACKS.entries()) {
        const crowdCase: CrowdCase = { scheme, setting, attack, model: DELAY_MODELS[i]!, seed: SEED, repeat: 0 };
        if (dependsOnDelays(scheme, setting.liars)) continue;
        const { trajectory } = await realRun(crowdCase, data, kernels, COSTS);
        const replayed = await replayedRun(crowdCase, data, COSTS);
        expect(replayed.endsMs).toHaveLength(ITERATIONS);
        // Apart from the rounding of where the clock starts.
        replayed.endsMs.forEach((endMs, i) => {
          expect(endMs).toBeCloseTo(trajectory.endsMs[i]!, 6);
        });
        const course = courses.get(trajectoryKey(crowdCase)) ?? trajectory;
        courses.set(trajectoryKey(crowdCase), course);
        expect(trajectory.weights).toEqual(course.weights);
        expect(trajectory.honestRejected).toBe(0);
        expect(trajectory.wrongAccepted > 0).toBe(scheme === "uncoded");
        replays++;
      }
    }
  }
  // Four schemes, three settings, two attacks, less lcc with two liars.
  expect(replays).toBe(22);
});

test("beyond its bound lcc notices, goes on with wrong results, and its weights depend on the delays", async () => {
  const runs = [];
  for (const model of DELAY_MODELS) {
    const crowdCase = { scheme: "lcc", setting: SETTINGS[2], attack: "reverse", model, seed: SEED, repeat: 0 } as const;
    runs.push((await realRun(crowdCase, data, kernels, COSTS)).trajectory);
  }
  for (const { undecodedRounds, wrongAccepted } of runs) {
    expect(undecodedRounds).toBeGreaterThan(ITERATIONS);
    expect(wrongAccepted).toBeGreaterThan(0);
  }
  expect(runs[0]!.weights).not.toEqual(runs[1]!.weights);
});

test("fixed point costs next to nothing: the accuracy of the coded run is that of Float64 within half a point", async () => {
  const crowdCase = {
    scheme: "avcc",
    setting: SETTINGS[0],
    attack: "reverse",
    model: "pinned",
    seed: SEED,
    repeat: 0,
  } as const;
  const { trajectory } = await realRun(crowdCase, data, kernels, COSTS);
  const float = floatAccuracies(data, ITERATIONS);
  expect(Math.abs(trajectory.accuracies.at(-1)! - float.at(-1)!)).toBeLessThan(0.005);
  expect(float.at(-1)!).toBeGreaterThan(0.85);
});

describe("the delays", () => {
  test("pinned: the slow are ten times slower, all the time; fresh: as its mean says, nobody for good", () => {
    const mean = (model: "pinned" | "fresh", isStraggler: boolean) => {
      let sum = 0;
      for (let round = 1; round <= 2_000; round++) {
        const ms = responseMs(model, SEED, 0, 3, round, isStraggler);
        expect(ms).toBeGreaterThanOrEqual(TASK_MS_LEAST);
        sum += ms;
      }
      return sum / 2_000;
    };
    expect(mean("pinned", true) / mean("pinned", false)).toBeCloseTo(PINNED_FACTOR, 9);
    expect(mean("fresh", true)).toBe(mean("fresh", false));
    expect(Math.abs(mean("fresh", false) - TASK_MS_LEAST - FRESH_MS_MEAN)).toBeLessThan(4);
  });

  test("roles are among the first nine, apart, and those of a smaller setting belong to a larger one's", () => {
    for (let repeat = 0; repeat < 50; repeat++) {
      const [both, slow, lying] = SETTINGS.map((setting) => rolesOf(SEED, repeat, setting));
      expect(slow!.stragglers).toContain(both!.stragglers[0]);
      expect(lying!.liars).toContain(both!.liars[0]);
      for (const { stragglers, liars } of [both!, slow!, lying!]) {
        expect(new Set([...stragglers, ...liars]).size).toBe(stragglers.length + liars.length);
        expect(Math.max(...stragglers, ...liars)).toBeLessThan(9);
      }
    }
  });
});

test("rows have ratios of time, gains in points, and no seconds to a goal that was never reached", () => {
  const slow = sampleOf([1_000, 8_000], [0.5, 0.9], 7);
  const quick = sampleOf([1_000, 2_000], [0.5, 0.95], 0);
  const [uncoded, lcc, avcc] = rowsOf({ stragglers: 1, liars: 2 }, "reverse", "pinned", [
    ["uncoded", slow],
    ["lcc", sampleOf([1_000, 4_000], [0.951, 0.93], 3)],
    ["avcc", quick],
  ]);
  expect(uncoded).toMatchObject({ secondsTo95: null, wrongAccepted: 7, ratioToUncoded: 1 });
  expect(lcc).toMatchObject({ secondsTo95: 1, accuracyGainToLcc: 0 });
  expect(avcc).toMatchObject({ secondsFor50: 2, secondsTo95: 2, ratioToLcc: 2, ratioToUncoded: 4 });
  expect(avcc!.accuracyGainToLcc).toBeCloseTo(2, 9);
  expect(avcc!.accuracyGainToUncoded).toBeCloseTo(5, 9);
});
