/**
 * The dial against what happened: times, work and trusted rows of jobs that name a time, on drawn crowds:
 *
 *     npm run bench -- dial [--seed N] [--json FILE] [--crowds N]
 */
import { quantileOfSome } from "../../shared/numbers/quantile.ts";
import { wilsonLower } from "../../shared/verify/wilson.ts";
import { CONFIDENCE, type DialCase, type DialFigures } from "./dial-case.ts";
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

function inWords({ crowd, queries, deadlineMs, predicted, happened }: DialCase): string {
  const { ms, tabRows, trustedRows } = happened;
  const of = (key: keyof DialFigures) => (happened[key] / Math.max(1, predicted[key])).toFixed(2);
  const time = `${(ms / 1e3).toFixed(1)} s of ${(deadlineMs / 1e3).toFixed(1)}, ${of("ms")} of the predicted`;
  return `${crowd}, ${queries} queries: ${time}; tabs ${tabRows} rows, ${of("tabRows")}; coordinator ${trustedRows}, ${of("trustedRows")}`;
}

/** The code is the coordinator's to choose. */
export const DIAL_SET = settingsUsed([{}], { aim: "finishWithinMs" });

function measurementOf(cases: readonly DialCase[]): Measurement {
  const between = (least: number, most: number) => cases.filter(({ tabs }) => tabs >= least && tabs <= most);
  const rows = [
    rowOf("all", cases),
    rowOf(
      "nobody begins to lie",
      cases.filter(({ hasSleeper }) => !hasSleeper),
    ),
    rowOf("4 to 7 tabs", between(4, 7)),
    rowOf("8 to 13 tabs", between(8, 13)),
    rowOf("14 to 20 tabs", between(14, 20)),
  ].filter(({ jobs }) => (jobs as number) > 0);
  return { name: dial.name, title: dial.title, columns: COLUMNS, rows, notes: NOTES, set: DIAL_SET };
}

function rowOf(crowds: string, cases: readonly DialCase[]): Measurement["rows"][number] {
  if (cases.length === 0) return { crowds, jobs: 0 };
  const kept = cases.filter(({ happened: { ms }, deadlineMs }) => ms <= deadlineMs).length;
  const timeShare = meanInterval(cases.map(({ happened: { ms }, deadlineMs }) => ms / deadlineMs));
  return {
    crowds,
    jobs: cases.length,
    met: kept / cases.length,
    ...wilson("met", kept, cases.length),
    timeShare: timeShare.mean,
    timeShareHalfWidth: timeShare.halfWidth,
    ...errorsOf("time", cases, "ms"),
    ...errorsOf("work", cases, "tabRows"),
    ...errorsOf("trusted", cases, "trustedRows"),
  };
}

/** By what share of what was predicted it was more or less. */
function errorsOf(name: string, cases: readonly DialCase[], key: keyof DialFigures): Record<string, number> {
  const errors = cases.map(({ predicted, happened }) => Math.abs(happened[key] / Math.max(1, predicted[key]) - 1));
  return { [`${name}P50`]: quantileOfSome(errors, 0.5), [`${name}P90`]: quantileOfSome(errors, 0.9) };
}

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
  { key: "timeShare", title: "time / named", digits: 2 },
  { key: "timeP50", title: "error in time, p50", digits: 3 },
  { key: "timeP90", title: "p90", digits: 3 },
  { key: "workP50", title: "in tabs' work, p50", digits: 3 },
  { key: "workP90", title: "p90", digits: 3 },
  { key: "trustedP50", title: "in trusted rows, p50", digits: 3 },
  { key: "trustedP90", title: "p90", digits: 3 },
];

const NOTES = [
  "Simulated crowds of 4 to 20 tabs with 40 to 400 queries a tab, each known from one job before. Predicted is what half of the simulated crowds come",
  `to, when the job is submitted; named is the time that the dial says for confidence ${CONFIDENCE}. Errors are shares of what was predicted, whichever way.`,
  "from, to: 95 % interval (Wilson). nobody begins to lie: without crowds in which somebody lies for the first time in the job itself.",
];

export const dial: Measurer = {
  name: "dial",
  title: "What the dial predicts against what happened, and times named with confidence .9",
  flags: ["crowds"],
  run: (options) => {
    const crowds = countFlag(options.flags ?? {}, "crowds");
    return run({ ...options, ...(crowds === undefined ? {} : { crowds }) });
  },
};
