/**
 * How long a query of a stream waits for its answer, at 30, 60 and 90 % of what the crowd can do:
 *
 *     npm run bench -- load [--queries N] [--seeds N] [--seed N] [--json FILE]
 *
 * The real coordinator on virtual time; queries arrive as a Poisson stream, tabs take simulated time, and what slows them is a
 * function of (seed, tab, batch), the same for every scheme. Every scheme has the same tabs.
 */

import type { Acceptance } from "../../shared/kinds/inference/acceptance.ts";
import type { InferenceSubmission } from "../../shared/kinds/inference/submission.ts";
import { quantile } from "../../shared/numbers/quantile.ts";
import { exponential, randomAt } from "../../shared/random/simulation-random.ts";
import type { ComputeTime } from "../crowd/compute-time.ts";
import { HONEST } from "../crowd/tab-faults.ts";
import { runStream, type StreamOutcome } from "../proofs/simulator/run-stream.ts";
import { countFlag, seedsFrom } from "./flags.ts";
import { knownCasesOf, loadKnownCase } from "./inference-case.ts";
import { type JobWorld, jobWorld } from "./job-world.ts";
import { meanInterval } from "./mean-interval.ts";
import type { Column, Measurement, MeasureOptions, Measurer } from "./measurement.ts";
import { settingsUsed } from "./settings-used.ts";

const TABS = 12;
const K = 4;
const QUERIES = 20_000;
/** Each with its own speeds of tabs, arrivals and slow batches. */
const SEEDS = 5;
/** Until the crowd has been measured and has a record. */
const WARM_UP = 2_000;
const CLOSE_AFTER_MS = 20;
const LOADS = [0.3, 0.6, 0.9];
/** A batch of a small model in a tab: something for each, something for every row. */
const BATCH_MS = 15;
const ROW_MS = 6;
const SLOW_SHARE = 0.05;
const SLOW_FACTOR = 8;
const PATIENCE_MS = 30_000;
const SPEED_DRAW = 71;
const ARRIVAL_DRAW = 72;

const FAULTS: Readonly<Record<string, { readonly slowShare: number }>> = {
  none: { slowShare: 0 },
  [`1 batch in ${1 / SLOW_SHARE} takes ${SLOW_FACTOR} times as long`]: { slowShare: SLOW_SHARE },
};

/** Speeds of tabs are up to twofold apart, and each batch has a little jitter. */
export function streamTime(seed: number, tab: number, slowShare: number): ComputeTime {
  const speed = 0.75 + 0.75 * randomAt(seed, SPEED_DRAW, tab).uniform();
  const slow = { kind: "slow", share: slowShare, least: SLOW_FACTOR, most: SLOW_FACTOR } as const;
  const factors = [{ kind: "even", spread: 0.1 }, slow] as const;
  return { fixedMs: BATCH_MS * speed, rowMs: ROW_MS * speed, factors, draw: SPEED_DRAW };
}

interface Served {
  readonly submission: Partial<Omit<InferenceSubmission, "source">>;
  readonly accept: Acceptance;
}

const UNCODED = "uncoded, unchecked";
const SCHEMES: Readonly<Record<string, Served>> = {
  [UNCODED]: { submission: { scheme: "uncoded", stragglers: 0, liars: 0 }, accept: "first" },
  "replication of two, unchecked": { submission: { scheme: "replication", stragglers: 1, liars: 0 }, accept: "first" },
  "systematic, checked": { submission: { scheme: "systematic", stragglers: 1, liars: 0 }, accept: "verified" },
  "systematic, first answers": {
    submission: { scheme: "systematic", stragglers: 1, liars: 0, completion: "fast" },
    accept: "first",
  },
};

/** Of what is checked; no volunteer has an address. */
export const LOAD_SET = settingsUsed([{ queriesPerGroup: K, ...SCHEMES["systematic, checked"]?.submission }]);

export interface LoadOptions extends MeasureOptions {
  readonly queries?: number;
  readonly seeds?: number;
  readonly loads?: readonly number[];
}

export async function run({ seed, progress, flags = {}, ...options }: LoadOptions): Promise<Measurement> {
  const queries = options.queries ?? countFlag(flags, "queries") ?? QUERIES;
  const seedCount = options.seeds ?? countFlag(flags, "seeds") ?? SEEDS;
  const seeds = seedsFrom(seed, seedCount);
  const [known] = knownCasesOf(["mnist"]);
  const world = await jobWorld(await loadKnownCase(known!, Math.min(10_000, queries), progress));
  const rows: Measurement["rows"][number][] = [];
  const capacities: string[] = [];
  for (const [faults, { slowShare }] of Object.entries(FAULTS)) {
    const perMs = new Map<number, number>();
    for (const own of seeds) perMs.set(own, await capacityOf(world, own, queries, slowShare));
    const perSecond = [...perMs.values()].map((capacity) => Math.round(1_000 * capacity));
    capacities.push(`${perSecond.join(", ")} queries a second with faults: ${faults}`);
    for (const load of options.loads ?? LOADS) {
      const bySeed = new Map<number, Map<string, StreamFigures>>();
      for (const own of seeds) {
        const bySchemes = new Map<string, StreamFigures>();
        for (const [scheme, served] of Object.entries(SCHEMES)) {
          progress(`${faults}, load ${load}, seed ${own}: ${scheme}`);
          const outcome = await serve(world, served, own, slowShare, poisson(own, queries, perMs.get(own)! * load));
          bySchemes.set(scheme, figuresOf(world, outcome, queries));
        }
        bySeed.set(own, bySchemes);
      }
      const capacity = perSecond.reduce((sum, one) => sum + one, 0) / perSecond.length;
      for (const scheme of Object.keys(SCHEMES)) {
        rows.push({ faults, load, scheme, seeds: seedCount, capacity, ...overSeeds([...bySeed.values()], scheme) });
      }
    }
  }
  world.inferenceCase.model.dispose();
  const notes = [
    ...NOTES,
    `Capacity, what the same tabs answer uncoded when there is always more to do, of each seed: ${capacities.join("; ")}.`,
  ];
  return { name: load.name, title: load.title, columns: COLUMNS, rows, notes, set: LOAD_SET };
}

/**
 * Means over seeds, with half of their 95 % interval. A gap is compared with `uncoded`'s of the same seed. Where a scheme did not keep
 * up with one of the seeds it has no latency at all.
 */
function overSeeds(seeds: readonly ReadonlyMap<string, StreamFigures>[], scheme: string): Measurement["rows"][number] {
  const own = seeds.map((schemes) => schemes.get(scheme)!);
  const kept = own.filter(({ holds }) => holds).length;
  const over = (values: readonly (number | null)[]) =>
    values.includes(null) ? { mean: null, halfWidth: null } : meanInterval(values as number[]);
  const mean = (key: "accuracy" | "tabRows" | "audits") => meanInterval(own.map((figures) => figures[key])).mean;
  const [p50, p99, p999] = [own.map((of) => of.p50), own.map((of) => of.p99), own.map((of) => of.p999)].map(over);
  const gap = over(own.map((figures) => figures.gap));
  const gapShare = over(
    seeds.map((schemes) => {
      const [one, uncoded] = [schemes.get(scheme)!.gap, schemes.get(UNCODED)!.gap];
      return one === null || uncoded === null ? null : one / uncoded;
    }),
  );
  return {
    kept,
    p50: p50!.mean,
    p50HalfWidth: p50!.halfWidth,
    p99: p99!.mean,
    p99HalfWidth: p99!.halfWidth,
    p999: p999!.mean,
    p999HalfWidth: p999!.halfWidth,
    gap: gap.mean,
    gapHalfWidth: gap.halfWidth,
    gapShare: gapShare.mean,
    gapShareHalfWidth: gapShare.halfWidth,
    accuracy: mean("accuracy"),
    tabRows: mean("tabRows"),
    audits: mean("audits"),
  };
}

/** Arrivals, ms. @param perMs queries a ms */
export function poisson(seed: number, queries: number, perMs: number): number[] {
  const random = randomAt(seed, ARRIVAL_DRAW);
  let atMs = 0;
  return Array.from({ length: queries }, () => (atMs += exponential(random, 1 / perMs)));
}

function serve(world: JobWorld, served: Served, seed: number, slowShare: number, postedMs: readonly number[]) {
  const { bundle, load, queries } = world.common;
  return runStream({
    seed,
    tabs: Array.from({ length: TABS }, (_, tab) => ({ ...HONEST, computeTime: streamTime(seed, tab, slowShare) })),
    bundle,
    load,
    queries: queries.data as Float32Array,
    queryCount: queries.shape[0]!,
    submission: { queriesPerGroup: K, ...served.submission },
    accept: served.accept,
    closeAfterMs: CLOSE_AFTER_MS,
    postedMs,
    patienceMs: PATIENCE_MS,
  });
}

/** Queries a ms of the crowd when there is always more to do. */
async function capacityOf(world: JobWorld, seed: number, queries: number, slowShare: number): Promise<number> {
  const count = Math.min(queries, 5_000);
  const burst = Array.from({ length: count }, () => 0);
  const { spanMs } = await serve(world, SCHEMES[UNCODED]!, seed, slowShare, burst);
  return count / spanMs;
}

/** Of one stream, in ms; the times are null where it did not keep up. */
interface StreamFigures {
  readonly holds: boolean;
  readonly p50: number | null;
  readonly p99: number | null;
  readonly p999: number | null;
  readonly gap: number | null;
  readonly accuracy: number;
  readonly tabRows: number;
  readonly audits: number;
}

/** A crowd that cannot keep up has no latency: what waits grows for as long as it goes on. */
function figuresOf({ inferenceCase }: JobWorld, outcome: StreamOutcome, queries: number): StreamFigures {
  const from = Math.min(WARM_UP, Math.floor(queries / 4));
  const latencies = [...outcome.latencyMs.subarray(from)];
  const unanswered = latencies.filter((ms) => ms === Number.POSITIVE_INFINITY).length;
  const holds = unanswered === 0 && !grows(latencies);
  const at = (share: number) => (holds ? quantile(latencies, share) : null);
  const [p50, p99, p999] = [at(0.5), at(0.99), at(0.999)];
  const { labels, count } = inferenceCase;
  let right = 0;
  for (let query = from; query < queries; query++) if (outcome.labels[query] === labels[query % count]) right++;
  return {
    holds,
    p50,
    p99,
    p999,
    gap: p50 === null || p999 === null ? null : p999 - p50,
    accuracy: right / (queries - from),
    tabRows: outcome.tabRows / queries,
    audits: outcome.auditedRows / queries,
  };
}

/** Does the second half wait more than twice as long as the first? */
function grows(latencies: readonly number[]): boolean {
  const half = Math.floor(latencies.length / 2);
  return quantile(latencies.slice(half), 0.5)! > 2 * quantile(latencies.slice(0, half), 0.5)!;
}

const COLUMNS: readonly Column[] = [
  { key: "faults", title: "faults" },
  { key: "load", title: "load", digits: 1 },
  { key: "scheme", title: "scheme" },
  { key: "kept", title: "keeps up" },
  { key: "p50", title: "p50, ms" },
  { key: "p99", title: "p99, ms" },
  { key: "p999", title: "p99.9, ms" },
  { key: "gap", title: "p99.9 - p50" },
  { key: "gapHalfWidth", title: "±" },
  { key: "gapShare", title: "of uncoded's", digits: 2 },
  { key: "gapShareHalfWidth", title: "±", digits: 2 },
  { key: "accuracy", title: "accuracy", digits: 3 },
  { key: "tabRows", title: "tab rows", digits: 2 },
  { key: "audits", title: "audits", digits: 3 },
];

const NOTES = [
  `${TABS} tabs for every scheme, K = ${K}, S = 1 where there is one; a batch takes ${BATCH_MS} ms and ${ROW_MS} ms a row, times the tab's own speed (.75 to 1.5). Simulated ms.`,
  `A query waits from its posting to an answer that may be given out; of ${QUERIES} queries unless told otherwise the first ${WARM_UP} are not counted. Tab rows and audits are per query.`,
  "keeps up: with so many of the seeds; else the scheme asks for more than these tabs can do, and what waits grows. ±: half of the 95 % interval. In all schemes a batch that is late is sent again.",
];

export const load: Measurer = {
  name: "load",
  title:
    "Latency of a stream at 30, 60 and 90 % of the crowd's capacity: uncoded, replication, systematic, under the same faults",
  flags: ["queries", "seeds"],
  run,
};
