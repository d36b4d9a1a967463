/** From what tabs did to where it is drawn: rows, bars and ticks in pixels. Pure. */
import type { JobTimeline, TimelineSpan } from "../../../shared/protocol/timeline-api.ts";

export const ROW_PX = 20;
export const BAR_PX = 12;
const LANE_PX = 16;
/** Above the rows: the axis with its times. */
export const AXIS_PX = 20;
/** Rounds that overlap are drawn under each other, so many at most. */
export const LANES_MAX = 12;
export const ROWS_MAX = 40;
/** Assignments that one picture shows: more are bars too thin to see. */
export const SPANS_SHOWN_MAX = 240;
const BAR_WIDTH_MIN = 2;
const TICK_PX_MIN = 90;

export interface Bar {
  readonly span: TimelineSpan;
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

export interface RoundBracket {
  readonly roundIndex: number;
  /** Above 0: the round was done again. */
  readonly generation: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

export interface TimelineLayout {
  readonly rows: readonly { readonly tab: number; readonly y: number }[];
  /** Tabs of the shown spans that have no row. */
  readonly tabsLeftOut: number;
  readonly bars: readonly Bar[];
  readonly brackets: readonly RoundBracket[];
  readonly ticks: readonly { readonly ms: number; readonly x: number }[];
  readonly rowsTop: number;
  readonly height: number;
}

/** The spans of one page, the latest page last. @param page counted from the end: 0 is the latest */
export function pageOf(spans: readonly TimelineSpan[], page: number): { from: number; shown: readonly TimelineSpan[] } {
  const to = Math.max(0, spans.length - page * SPANS_SHOWN_MAX);
  const from = Math.max(0, to - SPANS_SHOWN_MAX);
  return { from, shown: spans.slice(from, to) };
}

/**
 * @param spans some of the timeline's, in the order in which they were sent
 * @param left where the plot begins, px; names stand before it
 * @param width of the whole picture, px
 * @param nowMs what is still out has lasted until then
 */
export function layOut(spans: readonly TimelineSpan[], left: number, width: number, nowMs: number): TimelineLayout {
  const endOf = (span: TimelineSpan) => span.endedMs ?? Math.max(nowMs, span.sentMs);
  const from = Math.min(...spans.map(({ sentMs }) => sentMs));
  const until = Math.max(from + 1, ...spans.map(endOf));
  const xOf = (ms: number) => left + ((ms - from) / (until - from)) * (width - left);
  const tabs = [...new Set(spans.map(({ tab }) => tab))].sort((a, b) => a - b);
  const drawn = tabs.slice(0, ROWS_MAX);
  const { brackets, laneCount } = bracketsOf(spans, endOf, xOf);
  const rowsTop = AXIS_PX + laneCount * LANE_PX + 4;
  const rowOf = new Map(drawn.map((tab, row) => [tab, rowsTop + row * ROW_PX]));
  const bars = spans.flatMap((span) => {
    const y = rowOf.get(span.tab);
    if (y === undefined) return [];
    const x = xOf(span.sentMs);
    return [{ span, x, y: y + (ROW_PX - BAR_PX) / 2, width: Math.max(BAR_WIDTH_MIN, xOf(endOf(span)) - x) }];
  });
  return {
    rows: drawn.map((tab) => ({ tab, y: rowOf.get(tab)! })),
    tabsLeftOut: tabs.length - drawn.length,
    bars,
    brackets,
    ticks: ticksOf(from, until, Math.max(1, Math.floor((width - left) / TICK_PX_MIN))).map((ms) => ({
      ms,
      x: xOf(ms),
    })),
    rowsTop,
    height: rowsTop + drawn.length * ROW_PX + 2,
  };
}

/** From a round's first assignment to its last, each in the first lane that is free; those that find none are left out. */
function bracketsOf(
  spans: readonly TimelineSpan[],
  endOf: (span: TimelineSpan) => number,
  xOf: (ms: number) => number,
): { brackets: RoundBracket[]; laneCount: number } {
  const rounds = new Map<string, Pick<RoundBracket, "roundIndex" | "generation"> & { from: number; until: number }>();
  for (const span of spans) {
    const { roundIndex, generation } = span;
    if (roundIndex === null) continue;
    const key = `${roundIndex} ${generation}`;
    const known = rounds.get(key);
    const until = Math.max(known?.until ?? 0, endOf(span));
    rounds.set(key, { roundIndex, generation, from: known?.from ?? span.sentMs, until });
  }
  const laneEnds: number[] = [];
  const brackets: RoundBracket[] = [];
  for (const { roundIndex, generation, from, until } of rounds.values()) {
    const free = laneEnds.findIndex((end) => end <= from);
    const lane = free >= 0 ? free : laneEnds.length;
    if (lane >= LANES_MAX) continue;
    laneEnds[lane] = until;
    brackets.push({
      roundIndex,
      generation,
      x: xOf(from),
      y: AXIS_PX + lane * LANE_PX,
      width: Math.max(2, xOf(until) - xOf(from)),
    });
  }
  return { brackets, laneCount: laneEnds.length };
}

/** Round numbers between the ends, so many at most. */
export function ticksOf(from: number, until: number, most: number): number[] {
  const rough = (until - from) / most;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough)!;
  // Counted, for sums of steps stray from round numbers; 0.3 / 0.1 is a hair below 3.
  const first = Math.ceil(from / step - 1e-9);
  const count = Math.max(0, Math.floor(until / step + 1e-9) - first + 1);
  return Array.from({ length: count }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/** A round is told by its number, but for the shares of a coded job, which go ahead of all rounds. */
export function roundsIn(spans: readonly TimelineSpan[]): number {
  return new Set(spans.flatMap(({ roundIndex }) => roundIndex ?? [])).size;
}

export type { JobTimeline };
