/**
 * How much of the time that `avcc` saves is the slowness of the slow ones, and how much is left against the strongest codes that
 * stay as they are:
 *
 *     npm run bench -- avcc-curve [--seed N] [--json FILE] [--only same|other|more|lies]
 *
 * Twelve workers in every case, S slow and M lying ones anywhere among them. A block is 1/K of the data, so a task takes 9/K of
 * what it takes with nine blocks. Delays pass on a virtual clock; each step of the master takes the time that it was measured
 * to take (`avcc`).
 */
import { planRun, type RunPlan } from "../../server/coded/core/run-plan.ts";
import { createWasmKernels } from "../../shared/compute/field/wasm-kernels.ts";
import { medianOfSome } from "../../shared/numbers/quantile.ts";
import { exponential, randomAt, shuffle } from "../../shared/random/simulation-random.ts";
import type { CrowdMember } from "../crowd/coded-crowd.ts";
import { ATTACKS } from "../crowd/product-lies.ts";
import { BENCH_SCHEMES, DATA_WORKERS, PINNED_MS_MEAN, REPEATS, TASK_MS_LEAST, WORKERS } from "./avcc-cases.ts";
import { type BenchData, benchData } from "./avcc-data.ts";
import { costsOf, type MasterCosts, realRun, replay } from "./avcc-runs.ts";
import type { Cell, Measurement, Measurer } from "./measurement.ts";
import { settingsUsed } from "./settings-used.ts";

const ITERATIONS = 50;
const CALIBRATION_ITERATIONS = 8;
const FACTORS = [1, 1.5, 2, 3, 5, 10];
const SETTINGS = [
  { stragglers: 1, liars: 1 },
  { stragglers: 2, liars: 1 },
  { stragglers: 3, liars: 0 },
  { stragglers: 1, liars: 2 },
];
export const AVCC_CURVE_SET = settingsUsed(
  SETTINGS.map(({ stragglers, liars }) => ({ dataVolunteers: WORKERS - stragglers - liars, stragglers, liars })),
  {},
  "regression",
);
/**
 * same: the same workers are slow through a run. other: others in every round. more: one is slow, from iteration 15 to 34 three are.
 * lies: the same are slow, and the liars are honest for twenty iterations; nobody expects them.
 */
const SLOWNESS = ["same", "other", "more", "lies"] as const;
type Slowness = (typeof SLOWNESS)[number];
const MORE_SLOW = 3;
const MORE_FROM = 15;
const MORE_UNTIL = 35;

const ROLE_DRAW = 40;
const DELAY_DRAW = 41;
const ROUND_DRAW = 42;

export interface CurveCase {
  readonly stragglers: number;
  readonly liars: number;
  readonly slowness: Slowness;
  readonly factor: number;
}

/** The codes of a case: the paper's, the best that stay as they are, and those that check. */
export function contendersOf({ stragglers, liars, slowness }: CurveCase): Readonly<Record<string, RunPlan>> {
  const most = slowness === "more" ? Math.max(stragglers, MORE_SLOW) : stragglers;
  const common = { colluders: 0, volunteers: WORKERS };
  const lcc = (K: number, S: number, M: number) =>
    planRun({ scheme: "lcc", dataVolunteers: K, stragglers: S, liars: M, ...common });
  const checked = (scheme: "avcc" | "avcc-static", S: number, M: number) =>
    planRun({ scheme, dataVolunteers: WORKERS - S - M, stragglers: S, liars: M, ...common });
  return {
    uncoded: planRun({ scheme: "uncoded", dataVolunteers: WORKERS, stragglers: 0, liars: 0, ...common }),
    // With more liars than it corrects it goes on with wrong results; its time says nothing then.
    ...(liars <= 1 ? { "lcc of the paper": lcc(DATA_WORKERS, 1, 1) } : {}),
    "best static lcc": lcc(WORKERS - most - 2 * liars, most, liars),
    "best static avcc": checked("avcc-static", most, liars),
    avcc: checked("avcc", stragglers, slowness === "lies" ? 0 : liars),
  };
}

/** How slow a worker is in a round. */
export function slowFactor(curveCase: CurveCase, seed: number, worker: number, roundId: number, iteration: number) {
  const { slowness, factor, stragglers, liars } = curveCase;
  const isMore = slowness === "more" && iteration >= MORE_FROM && iteration < MORE_UNTIL;
  const count = isMore ? MORE_SLOW : stragglers;
  const random = slowness === "other" ? randomAt(seed, ROUND_DRAW, roundId) : randomAt(seed, ROLE_DRAW);
  const order = shuffle(
    Array.from({ length: WORKERS - liars }, (_, i) => i),
    random,
  );
  return order.slice(0, count).includes(worker) ? factor : 1;
}

/** The last M workers of the draw lie; codes give no worker a place by its number. */
export function membersOf(curveCase: CurveCase, plan: RunPlan, seed: number): CrowdMember[] {
  const places = shuffle(
    Array.from({ length: WORKERS }, (_, i) => i),
    randomAt(seed, ROLE_DRAW, 1),
  );
  const share = DATA_WORKERS / plan.blockCount;
  const attack = curveCase.slowness === "lies" ? ATTACKS.sleeper : ATTACKS.reverse;
  return Array.from({ length: plan.volunteerCount }, (_, place) => {
    const worker = places[place]!;
    return {
      volunteerId: `worker-${String(place).padStart(2, "0")}`,
      responseMs: ({ roundId, iteration }) => {
        const random = randomAt(seed, DELAY_DRAW, worker, roundId);
        const factor = slowFactor(curveCase, seed, worker, roundId, iteration);
        return share * factor * (TASK_MS_LEAST + exponential(random, PINNED_MS_MEAN));
      },
      ...(worker >= WORKERS - curveCase.liars ? { attack } : {}),
    };
  });
}

export const avccCurve: Measurer = {
  name: "avcc-curve",
  title:
    "Coded gradients: time of avcc against the best static codes, by how slow the slow ones are (simulated delays).",
  flags: ["only"],
  async run({ seed, progress, flags = {} }) {
    const cases = casesOf().filter(({ slowness }) => flags.only === undefined || flags.only === slowness);
    if (cases.length === 0) throw new Error(`--only: expected one of ${SLOWNESS.join(", ")}, got "${flags.only}"`);
    progress("drawing and quantizing the data");
    const data = await benchData();
    progress("measuring the master");
    const costs = await masterCosts(data, seed);
    const rows: Record<string, Cell>[] = [];
    for (const curveCase of cases) {
      progress(Object.values(curveCase).join(", "));
      rows.push(...(await rowsOf(curveCase, data, costs, seed)));
    }
    return {
      name: "avcc-curve",
      title: this.title,
      columns: COLUMNS,
      rows,
      notes: NOTES,
      set: AVCC_CURVE_SET,
    } satisfies Measurement;
  },
};

function casesOf(): CurveCase[] {
  return SETTINGS.flatMap((setting) =>
    SLOWNESS.filter((slowness) => isTried(setting, slowness)).flatMap((slowness) =>
      FACTORS.map((factor) => ({ ...setting, slowness, factor })),
    ),
  );
}

/** More can become slow where one is, and liars can come where there are two. */
function isTried({ stragglers, liars }: (typeof SETTINGS)[number], slowness: Slowness): boolean {
  if (slowness === "more") return stragglers === 1;
  return slowness !== "lies" || liars === 2;
}

async function masterCosts(data: BenchData, seed: number): Promise<Readonly<Record<string, MasterCosts>>> {
  const kernels = await createWasmKernels();
  const costs: Record<string, MasterCosts> = {};
  for (const scheme of BENCH_SCHEMES) {
    const setting = scheme === "uncoded" ? { stragglers: 0, liars: 0 } : { stragglers: 1, liars: 1 };
    const crowdCase = { scheme, setting, attack: "reverse", model: "pinned", seed, repeat: 0 } as const;
    const options = { iterations: CALIBRATION_ITERATIONS, withAccuracy: false };
    const { masterMs } = await realRun(crowdCase, data, kernels, {}, options);
    costs[scheme] = costsOf(masterMs);
  }
  kernels.dispose();
  return costs;
}

async function rowsOf(
  curveCase: CurveCase,
  data: Pick<BenchData, "features">,
  costs: Readonly<Record<string, MasterCosts>>,
  seed: number,
): Promise<Record<string, Cell>[]> {
  const seconds = new Map<string, number[]>();
  const contenders = contendersOf(curveCase);
  for (let repeat = 0; repeat < REPEATS; repeat++) {
    for (const [name, plan] of Object.entries(contenders)) {
      const members = membersOf(curveCase, plan, seed + repeat);
      const { endsMs } = await replay({ plan, members, iterations: ITERATIONS, data, costs: costs[plan.scheme]! });
      seconds.set(name, [...(seconds.get(name) ?? []), endsMs.at(-1)! / 1e3]);
    }
  }
  const own = seconds.get("avcc")!;
  return [...seconds].map(([name, times]) => {
    const ratios = times.map((time, repeat) => time / own[repeat]!);
    return {
      ...curveCase,
      code: name,
      blockCount: contenders[name]!.blockCount,
      seconds: medianOfSome(times),
      avccFaster: medianOfSome(ratios),
      avccFasterLeast: Math.min(...ratios),
      avccFasterMost: Math.max(...ratios),
    };
  });
}

const COLUMNS = [
  { key: "stragglers", title: "S" },
  { key: "liars", title: "M" },
  { key: "slowness", title: "who is slow" },
  { key: "factor", title: "factor", digits: 1 },
  { key: "code", title: "code" },
  { key: "blockCount", title: "K" },
  { key: "seconds", title: "s for 50", digits: 2 },
  { key: "avccFaster", title: "avcc is faster, times", digits: 2 },
  { key: "avccFasterLeast", title: "least", digits: 2 },
  { key: "avccFasterMost", title: "most", digits: 2 },
];

const NOTES = [
  `Medians of ${REPEATS} draws; ratios are of the same draw. Slow: the same workers through the run, or others in every round, or ` +
    `(more) one, and from iteration ${MORE_FROM} to ${MORE_UNTIL - 1} ${MORE_SLOW}; lies: liars are honest for twenty iterations.`,
  "lcc of the paper is designed for S = M = 1 whatever comes. The best static codes know S and M of the worst part of the run " +
    "beforehand; avcc knows S and M of its beginning. uncoded spreads the data over all twelve.",
];
