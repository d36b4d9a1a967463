/**
 * The dial against what happened: jobs that name a time and a confidence, on drawn crowds:
 *
 *     npm run bench -- dial [--seed N] [--json FILE] [--crowds N]
 */
import { wilsonLower } from "../../shared/verify/wilson.ts";
import { CONFIDENCE, type DialCase } from "./dial-case.ts";
import { countFlag } from "./flags.ts";
import { meanInterval } from "./mean-interval.ts";
import type { Column, Measurement, MeasureOptions, Measurer } from "./measurement.ts";
import { seedThreads } from "./seed-threads.ts";
import { settingsUsed } from "./settings-used.ts";

const CROWDS = 200;
const SEEDS_PER_RUN = 100_000;

export interface DialOptions extends MeasureOptions {
  readonly crowds?: number;
}

export async function run({ seed, progress, crowds = CROWDS }: DialOptions): Promise<Measurement> {
  const pool = seedThreads<number, DialCase>(new URL("./dial-thread.mjs", import.meta.url));
  let done = 0;
  const cases = await Promise.all(
    Array.from({ length: crowds }, async (_, crowd) => {
      const one = await pool.run(seed * SEEDS_PER_RUN + crowd);
      progress(`${++done}/${crowds} ${inWords(one)}`);
      return one;
    }),
  );
  await pool.destroy();
  return measurementOf(cases);
}

function inWords({ crowd, dial: { ms, cost, code }, deadlineMs, predictedCost }: DialCase): string {
  const time = `${(ms / 1e3).toFixed(1)} s of ${(deadlineMs / 1e3).toFixed(1)}`;
  return `${crowd}: ${code}, ${time}, cost ${cost.toFixed(2)}, predicted ${predictedCost.toFixed(2)}`;
}

/** The code is the coordinator's to choose. */
export const DIAL_SET = settingsUsed([{}], { aim: "finishWithinMs" });

function measurementOf(cases: readonly DialCase[]): Measurement {
  const between = (least: number, most: number) => cases.filter(({ tabs }) => tabs >= least && tabs <= most);
  const rows = [
    rowOf("all", cases),
    rowOf("4 to 7 tabs", between(4, 7)),
    rowOf("8 to 13 tabs", between(8, 13)),
    rowOf("14 to 20 tabs", between(14, 20)),
  ].filter(({ jobs }) => (jobs as number) > 0);
  return { name: dial.name, title: dial.title, columns: COLUMNS, rows, notes: NOTES, set: DIAL_SET };
}

function rowOf(crowds: string, cases: readonly DialCase[]): Measurement["rows"][number] {
  const count = (isSo: (one: DialCase) => boolean) => cases.filter(isSo).length;
  const over = (value: (one: DialCase) => number) => meanInterval(cases.map(value));
  const kept = count(isKept);
  const keptByPaper = count(isKeptByPaper);
  const [timeShare, cost, paperCost] = [
    over(({ dial: { ms }, deadlineMs }) => ms / deadlineMs),
    over(({ dial }) => dial.cost),
    over(({ paper }) => paper.cost),
  ];
  return {
    crowds,
    jobs: cases.length,
    met: kept / cases.length,
    ...wilson("met", kept, cases.length),
    metByPaper: keptByPaper / cases.length,
    ...wilson("metByPaper", keptByPaper, cases.length),
    timeShare: timeShare.mean,
    timeShareHalfWidth: timeShare.halfWidth,
    predictedCost: over(({ predictedCost }) => predictedCost).mean,
    cost: cost.mean,
    costHalfWidth: cost.halfWidth,
    paperCost: paperCost.mean,
    paperCostHalfWidth: paperCost.halfWidth,
    within20: count(({ dial: { cost }, predictedCost }) => Math.abs(cost / predictedCost - 1) <= 0.2) / cases.length,
    codes: over(({ dial: { codes } }) => codes).mean,
  };
}

const isKept = ({ dial: { ms }, deadlineMs }: DialCase) => ms <= deadlineMs;
const isKeptByPaper = ({ paper: { ms }, deadlineMs }: DialCase) => ms <= deadlineMs;

/** Wilson's 95 % interval of a share. */
function wilson(name: string, count: number, of: number): Record<string, number> {
  return { [`${name}Low`]: wilsonLower(count, of), [`${name}High`]: 1 - wilsonLower(of - count, of) };
}

const COLUMNS: readonly Column[] = [
  { key: "crowds", title: "crowds" },
  { key: "jobs", title: "jobs" },
  { key: "met", title: "in time", digits: 3 },
  { key: "metLow", title: "from", digits: 3 },
  { key: "metHigh", title: "to", digits: 3 },
  { key: "metByPaper", title: "paper's in time", digits: 3 },
  { key: "timeShare", title: "time / named", digits: 2 },
  { key: "predictedCost", title: "predicted cost", digits: 2 },
  { key: "cost", title: "cost", digits: 2 },
  { key: "paperCost", title: "paper's cost", digits: 2 },
  { key: "within20", title: "within 20 %", digits: 3 },
  { key: "codes", title: "codes", digits: 2 },
];

const NOTES = [
  "Simulated crowds of 4 to 20 tabs, each known from one small job before. Named: the time that a drawn stop of the dial says for confidence",
  `${CONFIDENCE}. cost: rows that tabs computed and the coordinator recomputed, a query; predicted when the job was submitted (median of the`,
  "draws). paper's: K = 8, S = 1 with parities, the same crowd and seed, audited in the same way. time / named: mean of the time taken over",
  "the time named. within 20 %: share of jobs whose cost is within a fifth of the predicted one. from, to: 95 % interval (Wilson). codes: in force during a job, on average.",
];

export const dial: Measurer = {
  name: "dial",
  title: "Times named with confidence .9 against what happened, and the chosen code against always K = 8, S = 1",
  flags: ["crowds"],
  run: (options) => {
    const crowds = countFlag(options.flags ?? {}, "crowds");
    return run({ ...options, ...(crowds === undefined ? {} : { crowds }) });
  },
};
