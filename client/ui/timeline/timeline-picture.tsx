import { useRef } from "preact/hooks";
import type { TimelineSpan, TimelineTab } from "../../../shared/protocol/timeline-api.ts";
import { SvgPicture } from "../svg-picture.tsx";
import { tickTime } from "../units.ts";
import { useWidth } from "../use-width.ts";
import { countOutcomes, OUTCOMES } from "./tab-records.ts";
import { AXIS_PX, BAR_PX, type Bar, layOut, ROW_PX, roundsIn } from "./timeline-layout.ts";
import { timeline as texts } from "./timeline-texts.ts";

const WIDTH_PX_BEFORE = 640;
const NARROW_PX = 480;
/** Letters of a name that fit before the plot. */
const NAME_LETTERS = { wide: 16, narrow: 9 };
const LETTER_PX = 7;

interface TimelinePictureProps {
  readonly tabs: readonly TimelineTab[];
  readonly spans: readonly TimelineSpan[];
  /** Since the job was submitted. */
  readonly nowMs: number;
}

/** One row a tab, one bar an assignment, rounds as brackets above. What differs by colour differs by shape too. */
export function TimelinePicture({ tabs, spans, nowMs }: TimelinePictureProps) {
  const place = useRef<HTMLDivElement>(null);
  const width = useWidth(place, WIDTH_PX_BEFORE);
  const letters = width < NARROW_PX ? NAME_LETTERS.narrow : NAME_LETTERS.wide;
  const { rows, tabsLeftOut, bars, brackets, ticks, rowsTop, height } = layOut(
    spans,
    letters * LETTER_PX + 8,
    width,
    nowMs,
  );
  const tickStep = ticks.length > 1 ? ticks[1]!.ms - ticks[0]!.ms : Number.POSITIVE_INFINITY;
  const counts = countOutcomes(spans);
  const parts = OUTCOMES.filter((outcome) => counts[outcome] > 0).map((outcome) =>
    texts.outcomeCount(outcome, counts[outcome]),
  );
  return (
    <div class="timeline" ref={place}>
      <SvgPicture
        testId="timeline"
        title={texts.svgTitle(rows.length + tabsLeftOut, roundsIn(spans))}
        summary={texts.svgSummary(parts)}
        width={width}
        height={height}
      >
        {ticks.map(({ ms, x }) => (
          <g key={ms}>
            <line class="grid" x1={x} x2={x} y1={AXIS_PX - 4} y2={height} />
            <text class="tick" x={x} y={12} text-anchor={x > width - 30 ? "end" : "middle"}>
              {tickTime(ms, tickStep)}
            </text>
          </g>
        ))}
        {brackets.map(({ roundIndex, generation, x, y, width: wide }) => (
          <g key={`${roundIndex} ${generation}`} class="bracket" data-round={roundIndex}>
            <title>{texts.attempt(roundIndex, generation)}</title>
            <rect x={x} y={y + 1} width={wide} height={13} rx={2} />
            {wide > String(roundIndex + 1).length * LETTER_PX + 2 && (
              <text x={x + wide / 2} y={y + 11.5} text-anchor="middle">
                {roundIndex + 1}
              </text>
            )}
          </g>
        ))}
        {rows.map(({ tab, y }, i) => (
          <g key={tab} class="row">
            {i % 2 === 0 && <rect class="row-band" x={0} y={y} width={width} height={ROW_PX} />}
            <text class="name" x={4} y={y + ROW_PX / 2 + 4}>
              {shortened(tabs[tab]!.nickname, letters)}
              <title>{tabs[tab]!.nickname}</title>
            </text>
          </g>
        ))}
        <line class="grid" x1={0} x2={width} y1={rowsTop} y2={rowsTop} />
        {bars.map((bar) => (
          <OneBar key={`${bar.span.tab} ${bar.span.sentMs} ${bar.span.workerIndex} ${bar.span.roundIndex}`} bar={bar} />
        ))}
      </SvgPicture>
      {tabsLeftOut > 0 && <p class="hint">{texts.moreTabs(tabsLeftOut)}</p>}
    </div>
  );
}

function OneBar({ bar: { span, x, y, width } }: { bar: Bar }) {
  const { outcome, isAgain, work, roundIndex } = span;
  const isSlim = outcome === "unneeded" || outcome === "gone";
  const isCrossed = outcome === "rejected" || outcome === "outvoted" || outcome === "failed";
  const height = isSlim ? BAR_PX / 2 : BAR_PX;
  const top = y + (BAR_PX - height) / 2;
  const ms = span.endedMs === null ? null : span.endedMs - span.sentMs;
  return (
    <g class={`bar-of outcome-${outcome}`} data-outcome={outcome} data-again={isAgain || undefined}>
      <title>{texts.bar(work, roundIndex, texts.outcomes[outcome].name, ms, isAgain)}</title>
      <rect x={x} y={top} width={width} height={height} rx={1.5} />
      {isCrossed && <path d={`M${x} ${top + height}L${x + width} ${top}`} />}
      {outcome === "late" && <path d={`M${x + width} ${top - 2}V${top + height + 2}`} />}
      {isAgain && width >= 6 && <circle cx={x + 3.5} cy={top + height / 2} r={1.75} />}
    </g>
  );
}

function shortened(name: string, letters: number): string {
  if (name.length <= letters) return name;
  // Names of one crowd differ at their end.
  const end = Math.floor(letters / 2);
  return `${name.slice(0, letters - end - 1)}…${name.slice(-end)}`;
}
