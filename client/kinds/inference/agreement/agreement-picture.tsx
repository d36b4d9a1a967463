import { useRef } from "preact/hooks";
import type { TimelineRound } from "../../../../shared/protocol/timeline-api.ts";
import { SvgPicture } from "../../../ui/svg-picture.tsx";
import { DataTable } from "../../../ui/table.tsx";
import { timeline } from "../../../ui/timeline/timeline-texts.ts";
import { count, percent } from "../../../ui/units.ts";
import { useWidth } from "../../../ui/use-width.ts";
import { type AgreementLine, agreementLines, agreementSums, lowestShare } from "./agreement.ts";
import { agreementTexts as texts } from "./agreement-texts.ts";

const HEIGHT_PX = 150;
const LEFT_PX = 48;
const FOOT_PX = 20;
const TOP_PX = 8;
const WIDTH_PX_BEFORE = 640;
/** Beyond so many rounds dots would run into each other. */
const DOTS_MAX = 60;

/** Lines over the rounds: which first answers stand and, where there are labels, how many were and are right. */
export function AgreementPicture({ rounds }: { rounds: readonly TimelineRound[] }) {
  if (rounds.length === 0) return <p class="hint">{texts.none}</p>;
  const lines = agreementLines(rounds);
  if (lines.length === 0) return <p class="hint">{texts.regression}</p>;
  const { stands, estimatesCompared, estimatesAgreed, roundsRedone } = agreementSums(rounds);
  const summary = [
    texts.summary(rounds.length, stands),
    texts.estimates(estimatesCompared, estimatesAgreed),
    ...(roundsRedone === 0 ? [] : [texts.redone(roundsRedone)]),
  ].join(" ");
  return (
    <div class="agreement">
      <Lines lines={lines} rounds={rounds} summary={summary} />
      <ul class="legend">
        {lines.map(({ series }) => (
          <li key={series}>
            <svg class="swatch" viewBox="0 0 12 12" aria-hidden="true" focusable="false">
              <g class={`series series-${series}`}>
                <path d="M0 6H12" />
                <circle cx="6" cy="6" r="2.5" />
              </g>
            </svg>
            {texts[series]}
          </li>
        ))}
      </ul>
      <p class="hint">{summary}</p>
      <details class="as-tables">
        <summary>{timeline.byTab.open}</summary>
        <AgreementTable rounds={rounds} lines={lines} />
      </details>
    </div>
  );
}

interface LinesProps {
  readonly lines: readonly AgreementLine[];
  readonly rounds: readonly TimelineRound[];
  readonly summary: string;
}

function Lines({ lines, rounds, summary }: LinesProps) {
  const place = useRef<HTMLDivElement>(null);
  const width = useWidth(place, WIDTH_PX_BEFORE);
  const least = lowestShare(lines);
  const [first, last] = [rounds[0]!.roundIndex, rounds.at(-1)!.roundIndex];
  const xOf = (round: number) =>
    last === first ? (LEFT_PX + width) / 2 : LEFT_PX + 6 + ((round - first) / (last - first)) * (width - LEFT_PX - 12);
  const yOf = (share: number) => TOP_PX + ((1 - share) / (1 - least)) * (HEIGHT_PX - TOP_PX - FOOT_PX);
  return (
    <div ref={place}>
      <SvgPicture testId="agreement" title={texts.svgTitle} summary={summary} width={width} height={HEIGHT_PX}>
        {[least, (1 + least) / 2, 1].map((share) => (
          <g key={share}>
            <line class="grid" x1={LEFT_PX} x2={width} y1={yOf(share)} y2={yOf(share)} />
            <text class="tick" x={LEFT_PX - 6} y={yOf(share) + 4} text-anchor="end">
              {percent(share)}
            </text>
          </g>
        ))}
        {lines.map(({ series, points }) => (
          <g key={series} class={`series series-${series}`} data-series={series}>
            <path d={`M${points.map(({ roundIndex, share }) => `${xOf(roundIndex)} ${yOf(share)}`).join("L")}`} />
            {points.length <= DOTS_MAX &&
              points.map(({ roundIndex, share }) => (
                <circle key={roundIndex} cx={xOf(roundIndex)} cy={yOf(share)} r={2.5}>
                  <title>{texts.point(roundIndex, texts[series], share)}</title>
                </circle>
              ))}
          </g>
        ))}
        <text class="tick" x={LEFT_PX} y={HEIGHT_PX - 4}>
          {timeline.round(first)}
        </text>
        {last !== first && (
          <text class="tick" x={width} y={HEIGHT_PX - 4} text-anchor="end">
            {timeline.round(last)}
          </text>
        )}
      </SvgPicture>
    </div>
  );
}

function AgreementTable({ rounds, lines }: Pick<LinesProps, "rounds" | "lines">) {
  const { columns } = texts;
  const shares = lines.map(({ series, points }) => ({
    series,
    of: new Map(points.map(({ roundIndex, share }) => [roundIndex, share])),
  }));
  return (
    <DataTable
      label={texts.title}
      caption={texts.title}
      rows={rounds}
      keyOf={({ roundIndex }) => roundIndex}
      columns={(of) => [
        of.number(columns.round, ({ roundIndex }) => count(roundIndex + 1)),
        of.number(columns.rows, ({ rows }) => count(rows)),
        of.number(columns.estimated, ({ estimatedAtFirst }) => count(estimatedAtFirst)),
        ...shares.map(({ series, of: shareOf }) =>
          of.number(texts[series], ({ roundIndex }) =>
            shareOf.has(roundIndex) ? percent(shareOf.get(roundIndex)!) : "",
          ),
        ),
      ]}
    />
  );
}
