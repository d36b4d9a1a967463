/** Crowds that the ledger and the coordinator are both run on: the same tabs, with the same draws, from the same seeds. */
import { randomAt } from "../../../shared/random/simulation-random.ts";
import type { ComputeTime, TimeFactor } from "../../crowd/compute-time.ts";
import { streamTime } from "../load.ts";
import { rowTimes } from "../speeds.ts";

export interface DrawnTab {
  readonly time: ComputeTime;
  readonly isMute: boolean;
}

export interface DrawnCrowd {
  readonly name: string;
  tabs(seed: number): DrawnTab[];
}

/** Of a claim or a batch, beside its rows. */
const FIXED_MS = 5;
const JITTER: TimeFactor = { kind: "even", spread: 0.1 };
const SLOW_FACTOR = 8;

/** Sixteen tabs whose speeds lie evenly by their logarithms. */
const speedsCrowd = (spread: number): DrawnCrowd => ({
  name: `fastest over slowest ${spread}`,
  tabs: () =>
    rowTimes(spread).map((rowMs) => ({
      isMute: false,
      time: { fixedMs: FIXED_MS, rowMs, factors: [JITTER], draw: 83 },
    })),
});

export const SPEED_CROWDS: readonly DrawnCrowd[] = [1, 10, 100].map(speedsCrowd);

/** Of a tab whose own speed is up to twofold from another's. */
const ROW_MS = 200;
const SPEED_DRAW = 70;

function twofoldTime(seed: number, tab: number, slowShare = 0, factor = 1): ComputeTime {
  const speed = 0.75 + 0.75 * randomAt(seed, SPEED_DRAW, tab).uniform();
  const slow = { kind: "slow", share: slowShare, least: SLOW_FACTOR, most: SLOW_FACTOR } as const;
  const factors = [JITTER, ...(slowShare > 0 ? [slow] : [])];
  return { fixedMs: FIXED_MS, rowMs: ROW_MS * speed * factor, factors, draw: SPEED_DRAW };
}

interface Faults {
  readonly slowShare?: number;
  /** The first so many tabs always take so many times as long. */
  readonly alwaysSlow?: number;
  isMute?(tab: number): boolean;
}

/** Tabs up to twofold apart. */
export const twofoldCrowd = (name: string, count: number, faults: Faults = {}): DrawnCrowd => ({
  name,
  tabs: (seed) =>
    Array.from({ length: count }, (_, tab) => ({
      isMute: faults.isMute?.(tab) ?? false,
      time: twofoldTime(seed, tab, faults.slowShare, tab < (faults.alwaysSlow ?? 0) ? SLOW_FACTOR : 1),
    })),
});

const LONG_TABS = 12;

/** Of jobs of thousands of rows. */
export const LONG_CROWDS: readonly DrawnCrowd[] = [
  twofoldCrowd("no fault", LONG_TABS),
  twofoldCrowd("1 claim in 10 eight times slow", LONG_TABS, { slowShare: 1 / 10 }),
  twofoldCrowd("1 claim in 5 eight times slow", LONG_TABS, { slowShare: 1 / 5 }),
  twofoldCrowd("1 claim in 3 eight times slow", LONG_TABS, { slowShare: 1 / 3 }),
  twofoldCrowd("25 % mute", LONG_TABS, { isMute: (tab) => tab % 4 === 0 }),
];

const SHORT_TABS = 10;

/** Of jobs of eighty rows. */
export const SHORT_CROWDS: readonly DrawnCrowd[] = [
  twofoldCrowd("no fault", SHORT_TABS),
  twofoldCrowd("1 claim in 10 eight times slow", SHORT_TABS, { slowShare: 1 / 10 }),
  twofoldCrowd("1 claim in 5 eight times slow", SHORT_TABS, { slowShare: 1 / 5 }),
  twofoldCrowd("1 claim in 3 eight times slow", SHORT_TABS, { slowShare: 1 / 3 }),
  twofoldCrowd("2 tabs always eight times slow", SHORT_TABS, { alwaysSlow: 2 }),
  twofoldCrowd("2 tabs mute", SHORT_TABS, { isMute: (tab) => tab < 2 }),
];

const STREAM_TABS = 12;
export const SLOW_SHARES = [0, 1 / 20] as const;

export const streamCrowd = (slowShare: number): DrawnCrowd => ({
  name: slowShare === 0 ? "no fault" : `1 claim in ${1 / slowShare} eight times slow`,
  tabs: (seed) =>
    Array.from({ length: STREAM_TABS }, (_, tab) => ({ isMute: false, time: streamTime(seed, tab, slowShare) })),
});

/** Rows a ms that all who answer compute together, each at its own mean speed and without a pause. */
export function rowsPossiblePerMs(tabs: readonly DrawnTab[]): number {
  return tabs.reduce((sum, { isMute, time }) => {
    const meanFactor = time.factors.reduce((product, factor) => product * meanOf(factor), 1);
    return isMute ? sum : sum + 1 / (time.rowMs * meanFactor);
  }, 0);
}

function meanOf(factor: TimeFactor): number {
  switch (factor.kind) {
    case "even":
      return 1;
    case "log-normal":
      return Math.exp(factor.deviation ** 2 / 2);
    case "slow":
      return 1 + factor.share * ((factor.least + factor.most) / 2 - 1);
  }
}
