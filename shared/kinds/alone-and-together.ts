/** One comparison for every way in: what a job takes on the submitter's own computer, and what it takes with the crowd. Pure. */
import type { CodedEstimate } from "../coded/estimate.ts";
import { duration } from "../numbers/duration.ts";
import type { Alone, Comparison, TimeSpread } from "../protocol/estimate-api.ts";

/** What an estimate says of the crowd. */
export interface Together {
  /** Until all answers are there; null: it cannot be predicted. */
  readonly finishMs: TimeSpread | null;
  /** The time is the least that it may be: p90 means nothing. Absent: it is a prediction. */
  readonly isLeast?: boolean;
  readonly tabsReady: number;
  /** Work of all tabs over the bare work of the job, at least. */
  readonly redundancy: number;
  /** Why nothing is predicted although tabs are ready, or what the time leaves out; absent: nothing. */
  readonly note?: string;
}

/** Below it nobody gains who starts a browser for it, however fast the crowd. */
export const ALONE_MS_WORTH_LEAST = 5_000;
/** Where only the least time of the crowd is known, as many times as long alone are taken to be more than what comes on top of it. */
const TIMES_THE_LEAST = 3;
/** Tabs that are spoken of where none is there. */
const TABS_SPOKEN_OF = 8;

/**
 * @param alone milliseconds of the whole job, measured by whoever asks; a text: why there is no measurement
 * @param together what the coordinator predicts of the same job
 * @returns both times, a verdict, and one or two sentences for people. Not worth it: the slowest time alone is short, or within the time that
 *   half of the crowds take. Worth it: nine crowds of ten take less than the shortest time alone
 *
 * @example
 * aloneAndTogether({ lowMs: 900, highMs: 1000, how: "this computer" }, { finishMs: null, tabsReady: 0, redundancy: 1 }).verdict // -> "not worth it"
 */
export function aloneAndTogether(alone: Alone | string, together: Together): Comparison {
  const verdict = typeof alone === "string" ? "unknown" : verdictOn(alone, together);
  const both = `Alone ${aloneInWords(alone)}, with the crowd ${crowdInWords(together)}.`;
  return {
    aloneMs: typeof alone === "string" ? null : { low: alone.lowMs, high: alone.highMs },
    crowdMs: together.finishMs,
    verdict,
    words: `${both}${typeof alone === "string" ? "" : verdictInWords(verdict, alone, together)}`,
  };
}

/** Jobs that are submitted together share the crowd, so that their times add up. @param all one at least */
export function allTogether(all: readonly Together[]): Together {
  const sum = (values: readonly (number | null | undefined)[]) =>
    values.reduce<number | null>((total, value) => (total === null || value == null ? null : total + value), 0);
  const p50 = sum(all.map(({ finishMs }) => finishMs?.p50));
  const isLeast = all.some((one) => one.isLeast === true);
  const note = all.find((one) => one.note !== undefined)?.note;
  return {
    finishMs: p50 === null ? null : { p50, p90: sum(all.map(({ finishMs }) => finishMs?.p90)) },
    tabsReady: Math.min(...all.map(({ tabsReady }) => tabsReady)),
    redundancy: Math.max(...all.map(({ redundancy }) => redundancy)),
    ...(isLeast ? { isLeast } : {}),
    ...(note === undefined ? {} : { note }),
  };
}

/** The crowd's part of a run on coded data: its estimate knows speeds of tabs, and nothing of transfers. */
export function codedTogether({ finishMs, volunteersReady, redundancy }: CodedEstimate): Together {
  const isKnown = finishMs !== null;
  return {
    finishMs: isKnown ? { p50: finishMs, p90: null } : null,
    isLeast: true,
    tabsReady: volunteersReady,
    redundancy,
    note: isKnown ? "its multiplications; transfers come on top" : "too few tabs were measured",
  };
}

type Verdict = Comparison["verdict"];

function verdictOn({ lowMs, highMs }: Alone, { finishMs, isLeast = false, tabsReady }: Together): Verdict {
  if (highMs <= ALONE_MS_WORTH_LEAST) return "not worth it";
  if (tabsReady === 0) return "no tabs";
  if (finishMs === null) return "unknown";
  if (highMs <= finishMs.p50) return "not worth it";
  const slowMs = isLeast ? TIMES_THE_LEAST * finishMs.p50 : finishMs.p90;
  return slowMs !== null && slowMs < lowMs ? "worth it" : "about the same";
}

function aloneInWords(alone: Alone | string): string {
  if (typeof alone === "string") return `not measured (${alone})`;
  return `${rangeInWords(alone)} (${alone.how})`;
}

function rangeInWords({ lowMs, highMs }: Alone): string {
  const [low, high] = [duration(lowMs), duration(highMs)];
  return low === high ? low : `${low} to ${high}`;
}

function crowdInWords({ finishMs, isLeast = false, tabsReady, note }: Together): string {
  if (tabsReady === 0) return "unknown, for no tab is ready now";
  const suffix = note === undefined ? "" : ` (${note})`;
  if (finishMs === null) return `unknown${suffix}`;
  return `${isLeast ? `at least ${duration(finishMs.p50)}` : spreadInWords(finishMs)}${suffix}`;
}

/**
 * A predicted time, as long as each other for a phone's lines.
 *
 * @example
 * spreadInWords({ p50: 2000, p90: 4000 }) // -> "about 2.0 s, nine in ten within 4.0 s"
 */
export function spreadInWords({ p50, p90 }: TimeSpread): string {
  if (p90 === null) return `about ${duration(p50)}; over 10 % risk that tabs leave`;
  if (duration(p50) === duration(p90)) return `about ${duration(p50)}`;
  return `about ${duration(p50)}, nine in ten within ${duration(p90)}`;
}

function verdictInWords(verdict: Verdict, alone: Alone, { finishMs, isLeast, redundancy }: Together): string {
  switch (verdict) {
    case "not worth it":
      return ` This computer alone needs ${duration(alone.highMs)}: not worth it.`;
    case "worth it":
      return ` The crowd is ${isLeast ? "up to" : "about"} ${timesInWords(alone.lowMs / finishMs!.p50)} times as fast: worth it.`;
    case "about the same":
      return " Neither is surely faster.";
    case "no tabs":
      return alone.oneCoreMs === undefined
        ? ""
        : ` ${TABS_SPOKEN_OF} tabs, each as fast as one core of this computer, would take ${duration((alone.oneCoreMs * redundancy) / TABS_SPOKEN_OF)} at best.`;
    case "unknown":
      return "";
  }
}

const timesInWords = (times: number) => String(Number(times.toPrecision(times < 10 ? 2 : 3)));
