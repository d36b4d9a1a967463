import { useRef } from "preact/hooks";
import { quantile } from "../../../shared/numbers/quantile.ts";
import type { TimelineSpan } from "../../../shared/protocol/timeline-api.ts";
import { SvgPicture } from "../svg-picture.tsx";
import { duration } from "../units.ts";
import { useWidth } from "../use-width.ts";
import { latencyBins } from "./latency-bins.ts";
import { answerTimes } from "./tab-records.ts";
import { timeline } from "./timeline-texts.ts";

const texts = timeline.latency;
const HEIGHT_PX = 132;
/** Above the tallest bar: the names of both quantiles. */
const NAMES_PX = 26;
const FOOT_PX = 18;
const WIDTH_PX_BEFORE = 640;

/** A histogram of the answers' times, with the median and the slowest twentieth marked. */
export function LatencyPicture({ spans }: { spans: readonly TimelineSpan[] }) {
  const place = useRef<HTMLDivElement>(null);
  const width = useWidth(place, WIDTH_PX_BEFORE);
  // What is sent ahead of all rounds is no answer; of a job without rounds everything is.
  const ofRounds = spans.filter(({ roundIndex }) => roundIndex !== null);
  const times = answerTimes(ofRounds.length === 0 ? spans : ofRounds);
  const bins = latencyBins(times);
  const [median, high, most] = [0.5, 0.95, 1].map((share) => quantile(times, share));
  if (median == null || high == null || most == null) return <p class="hint">{texts.none}</p>;
  const tallest = Math.max(...bins.map((bin) => bin.count));
  const step = width / bins.length;
  const plot = HEIGHT_PX - FOOT_PX;
  const low = Math.log2(bins[0]!.fromMs);
  const span = Math.log2(bins.at(-1)!.toMs) - low;
  const xOf = (ms: number) => Math.min(width, Math.max(0, ((Math.log2(Math.max(1, ms)) - low) / span) * width));
  const summary = texts.summary(times.length, median, high, most);
  const quantiles = [
    { name: texts.median, ms: median },
    { name: texts.high, ms: high },
  ];
  return (
    <div class="latency" ref={place}>
      <SvgPicture testId="latency" title={texts.svgTitle} summary={summary} width={width} height={HEIGHT_PX}>
        {bins.map(({ fromMs, toMs, count }, i) => {
          const tall = count === 0 ? 0 : Math.max(1, ((plot - NAMES_PX) * count) / tallest);
          return (
            <g key={fromMs} class="latency-bin" data-count={count}>
              <title>{texts.bin(fromMs, toMs, count)}</title>
              <rect x={i * step + 0.5} y={plot - tall} width={Math.max(1, step - 1)} height={tall} />
            </g>
          );
        })}
        <line class="grid" x1={0} x2={width} y1={plot} y2={plot} />
        {quantiles.map(({ name, ms }, i) => (
          <g key={name} class="quantile">
            <line x1={xOf(ms)} x2={xOf(ms)} y1={i === 0 ? 0 : 12} y2={plot} />
            <text
              x={xOf(ms)}
              y={i === 0 ? 10 : 22}
              dx={xOf(ms) > width / 2 ? -4 : 4}
              text-anchor={xOf(ms) > width / 2 ? "end" : "start"}
            >
              {name}
            </text>
          </g>
        ))}
        <text class="tick" x={0} y={HEIGHT_PX - 4}>
          {duration(bins[0]!.fromMs)}
        </text>
        <text class="tick" x={width} y={HEIGHT_PX - 4} text-anchor="end">
          {duration(bins.at(-1)!.toMs)}
        </text>
      </SvgPicture>
      <p class="hint">{summary}</p>
    </div>
  );
}
