import type { TimelineSpan } from "../../../shared/protocol/timeline-api.ts";
import { count } from "../units.ts";
import { countOutcomes, OUTCOMES } from "./tab-records.ts";
import { timeline as texts } from "./timeline-texts.ts";

/** What the bars mean, each with how many there are; only what is in the picture. */
export function TimelineLegend({ spans }: { spans: readonly TimelineSpan[] }) {
  const counts = countOutcomes(spans);
  return (
    <ul class="legend">
      {OUTCOMES.filter((outcome) => counts[outcome] > 0).map((outcome) => (
        <li key={outcome} title={texts.outcomes[outcome].means}>
          <svg class="swatch" viewBox="0 0 12 12" aria-hidden="true" focusable="false">
            <g class={`bar-of outcome-${outcome}`}>
              <rect x="1" y={isSlim(outcome) ? 3.5 : 1} width="10" height={isSlim(outcome) ? 5 : 10} rx="1.5" />
              {isCrossed(outcome) && <path d="M1 11L11 1" />}
              {outcome === "late" && <path d="M10 0V12" />}
            </g>
          </svg>
          {count(counts[outcome])} {texts.outcomes[outcome].name}
        </li>
      ))}
      {spans.some(({ isAgain }) => isAgain) && (
        <li>
          <svg class="swatch" viewBox="0 0 12 12" aria-hidden="true" focusable="false">
            <g class="bar-of outcome-answered">
              <rect x="1" y="1" width="10" height="10" rx="1.5" />
              <circle cx="4.5" cy="6" r="2" />
            </g>
          </svg>
          {texts.again}
        </li>
      )}
    </ul>
  );
}

const isSlim = (outcome: string) => outcome === "unneeded" || outcome === "gone";
const isCrossed = (outcome: string) => outcome === "rejected" || outcome === "outvoted" || outcome === "failed";
