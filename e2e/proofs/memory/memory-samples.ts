/** What a process holds, looked at again and again, and whether that grows. */
import { collectGarbage } from "../../../server/shell/testing/collect-garbage.ts";
import { medianOfSome } from "../../../shared/numbers/quantile.ts";

export interface MemorySample {
  /** Jobs that have ended by then. */
  readonly jobs: number;
  readonly rssBytes: number;
  /** Objects that are in use, and arrays outside of the heap. */
  readonly heapBytes: number;
}

/** Beyond these nothing may grow from the second quarter of a service to its last: heaps breathe. */
const HEAP_GROWTH_BYTES_MAX = 4 * 1024 * 1024;
const RSS_GROWTH_BYTES_MAX = 32 * 1024 * 1024;
const GROWTH_SHARE_MAX = 0.1;

/** Of this process, after what nobody needs was collected. */
export function sampleOfThis(jobs: number): MemorySample {
  collectGarbage();
  const { rss, heapUsed, external } = process.memoryUsage();
  return { jobs, rssBytes: rss, heapBytes: heapUsed + external };
}

export interface Growth {
  readonly fromBytes: number;
  readonly toBytes: number;
}

/** From the second quarter of the samples to the last, medians: the first quarter fills what is kept of the latest jobs. */
export function growthOf(samples: readonly MemorySample[], value: (sample: MemorySample) => number): Growth {
  const quarter = Math.floor(samples.length / 4);
  if (quarter === 0) throw new RangeError(`growthOf: expected 4 samples or more, got ${samples.length}`);
  const medianOf = (from: number) => medianOfSome(samples.slice(from, from + quarter).map(value));
  return { fromBytes: medianOf(quarter), toBytes: medianOf(samples.length - quarter) };
}

const isWithin = ({ fromBytes, toBytes }: Growth, bytesMax: number) =>
  toBytes - fromBytes <= Math.max(bytesMax, GROWTH_SHARE_MAX * fromBytes);

export const heapIsFlat = (samples: readonly MemorySample[]): boolean =>
  isWithin(
    growthOf(samples, ({ heapBytes }) => heapBytes),
    HEAP_GROWTH_BYTES_MAX,
  );

export const rssIsFlat = (samples: readonly MemorySample[]): boolean =>
  isWithin(
    growthOf(samples, ({ rssBytes }) => rssBytes),
    RSS_GROWTH_BYTES_MAX,
  );

export function inWords({ fromBytes, toBytes }: Growth): string {
  const mib = (bytes: number) => (bytes / 1024 / 1024).toFixed(1);
  return `${mib(fromBytes)} to ${mib(toBytes)} MiB`;
}
