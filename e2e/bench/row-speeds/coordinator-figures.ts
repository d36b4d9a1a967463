/** Everything that the tables show of the coordinator, measured on the same drawn crowds: medians over seeds. */
import { medianOfSome, quantileOfSome } from "../../../shared/numbers/quantile.ts";
import { knownCasesOf, loadKnownCase } from "../inference-case.ts";
import { jobWorld } from "../job-world.ts";
import { poisson } from "../load.ts";
import {
  COORDINATOR_SCHEMES,
  coordinatorFirstAnswers,
  coordinatorJobs,
  coordinatorStream,
  type JobFigures,
} from "./coordinator-runs.ts";
import { type DrawnCrowd, LONG_CROWDS, SHORT_CROWDS, SLOW_SHARES, SPEED_CROWDS, streamCrowd } from "./drawn-crowds.ts";

export type SchemeName = keyof typeof COORDINATOR_SCHEMES;

export interface StreamWaits {
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly rowsAQuery: number;
}

export interface StreamFigures {
  /** Queries a ms of seeds 1, 2, ... where there is always more to do. */
  readonly capacities: readonly number[];
  /** By load, in the order of STREAM_LOADS. */
  readonly waits: readonly StreamWaits[];
}

type BySchemes<T> = Readonly<Record<SchemeName, T>>;
type Jobs = { readonly first: JobFigures; readonly second: JobFigures };

export interface CoordinatorFigures {
  /** By the names of the crowds. */
  readonly speeds: Readonly<Record<string, BySchemes<Jobs>>>;
  readonly long: Readonly<Record<string, BySchemes<Jobs>>>;
  /** Seconds until the first answers of eighty rows. */
  readonly short: Readonly<Record<string, BySchemes<number>>>;
  readonly streams: Readonly<Record<string, StreamFigures>>;
}

export const SPEED_ROWS = 10_000;
export const LONG_ROWS = 4_000;
export const STREAM_ROWS = 20_000;
/** Of a stream, until its crowd is known. */
export const STREAM_WARM_UP = 2_000;
export const STREAM_LOADS = [0.3, 0.6, 0.9] as const;
const BURST_ROWS = 5_000;

/** Half an hour on two cores. */
export async function coordinatorFigures(
  seeds: readonly number[],
  progress: (line: string) => void,
): Promise<CoordinatorFigures> {
  const [known] = knownCasesOf(["mnist"]);
  const worldOf = async (rows: number) => jobWorld(await loadKnownCase(known!, rows, progress));
  const [long, large] = [await worldOf(LONG_ROWS), await worldOf(SPEED_ROWS)];
  const jobsIn = (world: typeof long) => (crowd: DrawnCrowd, scheme: SchemeName) =>
    coordinatorJobs(world, crowd, COORDINATOR_SCHEMES[scheme], seeds);
  const short = (crowd: DrawnCrowd, scheme: SchemeName) =>
    coordinatorFirstAnswers(long, crowd, COORDINATOR_SCHEMES[scheme], seeds);
  const figures = {
    speeds: await byCrowds(SPEED_CROWDS, jobsIn(large), progress),
    long: await byCrowds(LONG_CROWDS, jobsIn(long), progress),
    short: await byCrowds(SHORT_CROWDS, short, progress),
    streams: Object.fromEntries(await streamsIn(large, seeds, progress)),
  };
  for (const { inferenceCase } of [long, large]) inferenceCase.model.dispose();
  return figures;
}

async function byCrowds<T>(
  crowds: readonly DrawnCrowd[],
  measure: (crowd: DrawnCrowd, scheme: SchemeName) => Promise<T>,
  progress: (line: string) => void,
): Promise<Record<string, BySchemes<T>>> {
  const found: Record<string, BySchemes<T>> = {};
  for (const crowd of crowds) {
    progress(`coordinator: ${crowd.name}`);
    found[crowd.name] = {
      uncoded: await measure(crowd, "uncoded"),
      backups: await measure(crowd, "backups"),
      parities: await measure(crowd, "parities"),
    };
  }
  return found;
}

async function streamsIn(
  world: Awaited<ReturnType<typeof jobWorld>>,
  seeds: readonly number[],
  progress: (line: string) => void,
): Promise<[string, StreamFigures][]> {
  const found: [string, StreamFigures][] = [];
  for (const slowShare of SLOW_SHARES) {
    const { name } = streamCrowd(slowShare);
    progress(`coordinator: streams, ${name}`);
    const burst = Array.from({ length: BURST_ROWS }, () => 0);
    const capacities: number[] = [];
    for (const seed of seeds) {
      const { spanMs } = await coordinatorStream(world, slowShare, seed, burst);
      capacities.push(BURST_ROWS / spanMs);
    }
    const waits: StreamWaits[] = [];
    for (const load of STREAM_LOADS) {
      const own: StreamWaits[] = [];
      for (const [n, seed] of seeds.entries()) {
        const posted = poisson(seed, STREAM_ROWS, capacities[n]! * load);
        const { latencyMs, rowsAQuery } = await coordinatorStream(world, slowShare, seed, posted);
        own.push({ ...waitsOf(latencyMs), rowsAQuery });
      }
      waits.push(medianWaits(own));
    }
    found.push([name, { capacities, waits }]);
  }
  return found;
}

/** @param latencyMs of each query, in order; those of the warm-up do not count */
export function waitsOf(latencyMs: Float64Array): Omit<StreamWaits, "rowsAQuery"> {
  const counted = [...latencyMs.subarray(Math.min(STREAM_WARM_UP, latencyMs.length >> 2))];
  const at = (share: number) => quantileOfSome(counted, share);
  return { p50: at(0.5), p99: at(0.99), p999: at(0.999) };
}

export function medianWaits(own: readonly StreamWaits[]): StreamWaits {
  const over = (key: keyof StreamWaits) => medianOfSome(own.map((waits) => waits[key]));
  return { p50: over("p50"), p99: over("p99"), p999: over("p999"), rowsAQuery: over("rowsAQuery") };
}
