/**
 * How much of what its tabs could do together a crowd does, where some are far faster than others:
 *
 *     npm run bench -- speeds [--queries N] [--seeds N] [--seed N] [--json FILE]
 *
 * The real coordinator on virtual time. Speeds of tabs lie evenly by their logarithms from the slowest to the fastest; the share is
 * queries answered over what all of them would have computed in that time, each at its own speed and without a pause. First jobs meet tabs of
 * which nobody knows how fast they are.
 */
import type { InferenceSubmission } from "../../shared/kinds/inference/submission.ts";
import { HONEST } from "../crowd/tab-faults.ts";
import { runJobs } from "../proofs/simulator/run-jobs.ts";
import { countFlag, seedsFrom } from "./flags.ts";
import { knownCasesOf, loadKnownCase } from "./inference-case.ts";
import { type JobWorld, jobWorld } from "./job-world.ts";
import { meanInterval } from "./mean-interval.ts";
import type { Measurement, MeasureOptions, Measurer } from "./measurement.ts";

export const SPEED_TABS = 16;
export const SPEED_QUERIES = 10_000;
export const SPEED_SEEDS = 3;
/** The fastest tab over the slowest. */
export const SPEED_SPREADS = [1, 10, 100];
/** Of the fastest tab, for a row; a batch costs a little beside its rows. */
const FASTEST_ROW_MS = 20;
const BATCH_MS = 5;
const SPEED_DRAW = 83;

export const SPEED_SCHEMES: Readonly<Record<string, Partial<InferenceSubmission>>> = {
  "uncoded, unchecked": { scheme: "uncoded", stragglers: 0, liars: 0 },
  "systematic with backups": { scheme: "systematic", queriesPerGroup: 4, stragglers: 1, liars: 0, spares: "backups" },
};

/** Milliseconds that each tab takes for a row. */
export function rowTimes(spread: number): number[] {
  return Array.from({ length: SPEED_TABS }, (_, tab) => FASTEST_ROW_MS * spread ** (tab / (SPEED_TABS - 1)));
}

/** Rows that all of these tabs would compute in so many milliseconds, each at its own speed and without a pause. */
export function rowsPossible(times: readonly number[], ms: number): number {
  return times.reduce((sum, rowMs) => sum + ms / rowMs, 0);
}

/** The second of two jobs, and what the first one got. */
interface SpeedShares {
  readonly share: number;
  readonly shareOfFirst: number;
  readonly seconds: number;
}

/** Over the seeds of one setting. */
export function meanShares(found: readonly SpeedShares[]) {
  const { mean, halfWidth } = meanInterval(found.map(({ share }) => share));
  const of = (key: "shareOfFirst" | "seconds") => meanInterval(found.map((one) => one[key])).mean;
  return { share: mean, shareHalfWidth: halfWidth, shareOfFirst: of("shareOfFirst"), seconds: of("seconds") };
}

async function shareOf(world: JobWorld, submission: Partial<InferenceSubmission>, spread: number, seed: number) {
  const times = rowTimes(spread);
  const factors = [{ kind: "even", spread: 0.1 }] as const;
  const { jobs } = await runJobs({
    ...world.common,
    seed,
    checksRules: false,
    tabs: times.map((rowMs) => ({
      ...HONEST,
      computeTime: { fixedMs: BATCH_MS, rowMs, factors, draw: SPEED_DRAW },
    })),
    jobs: [submission, submission],
  });
  const [first, second] = jobs.map(({ view, virtualMs, tabRows }) => {
    const possible = rowsPossible(times, virtualMs);
    return { share: view.queryCount / possible, busy: tabRows / possible, seconds: virtualMs / 1e3 };
  });
  return { ...second!, shareOfFirst: first!.share };
}

export async function run({ seed, progress, flags = {} }: MeasureOptions): Promise<Measurement> {
  const queries = countFlag(flags, "queries") ?? SPEED_QUERIES;
  const seeds = seedsFrom(seed, countFlag(flags, "seeds") ?? SPEED_SEEDS);
  const [known] = knownCasesOf(["mnist"]);
  const world = await jobWorld(await loadKnownCase(known!, queries, progress));
  const rows: Measurement["rows"][number][] = [];
  for (const [scheme, submission] of Object.entries(SPEED_SCHEMES)) {
    for (const spread of SPEED_SPREADS) {
      const found: Awaited<ReturnType<typeof shareOf>>[] = [];
      for (const own of seeds) found.push(await shareOf(world, submission, spread, own));
      const busy = meanInterval(found.map((one) => one.busy)).mean;
      rows.push({ scheme, spread, ...meanShares(found), busy });
      progress(JSON.stringify(rows.at(-1)));
    }
  }
  world.inferenceCase.model.dispose();
  return {
    name: speeds.name,
    title: speeds.title,
    columns: [
      { key: "scheme", title: "scheme" },
      { key: "spread", title: "fastest over slowest" },
      { key: "share", title: "share", digits: 3 },
      { key: "shareHalfWidth", title: "±", digits: 3 },
      { key: "busy", title: "with what was computed twice", digits: 3 },
      { key: "shareOfFirst", title: "share of a first job", digits: 3 },
      { key: "seconds", title: "s", digits: 1 },
    ],
    rows,
    notes: [
      `${SPEED_TABS} tabs, jobs of ${queries} queries, ${seeds.length} seeds; the second of two jobs. A row takes ${FASTEST_ROW_MS} ms on the fastest, a batch ${BATCH_MS} ms beside its rows.`,
      "share: queries over what all tabs would compute in that time without a pause. with what was computed twice: rows that tabs computed over the same.",
    ],
  };
}

export const speeds: Measurer = {
  name: "speeds",
  title: "How much of the sum of its tabs' speeds a crowd gives, where some are far faster than others",
  flags: ["queries", "seeds"],
  run,
};
