import type { JobTimeline, TimelineSpan } from "../../../shared/protocol/timeline-api.ts";
import { Scroll } from "../../ui/scroll.tsx";
import { timeline as texts } from "../../ui/timeline-texts.ts";
import { count, duration } from "../../ui/units.ts";
import { countOutcomes, OUTCOMES, tabRecords } from "./tab-records.ts";

const NOTHING = "–";
const SPANS_LISTED_MAX = 60;

/** What the picture shows, for whoever would rather read it: by tab over the whole job, and the assignments of the picture. */
export function TimelineTables({ timeline, shown }: { timeline: JobTimeline; shown: readonly TimelineSpan[] }) {
  return (
    <details class="as-tables">
      <summary>{texts.byTab.open}</summary>
      <TabTable timeline={timeline} />
      <SpanTable timeline={timeline} shown={shown} />
    </details>
  );
}

function TabTable({ timeline }: { timeline: JobTimeline }) {
  const all = countOutcomes(timeline.spans);
  const present = OUTCOMES.filter((outcome) => all[outcome] > 0);
  const { byTab } = texts;
  return (
    <Scroll label={byTab.title}>
      <table>
        <caption>{byTab.title}</caption>
        <thead>
          <tr>
            <th scope="col">{byTab.tab}</th>
            <th scope="col" class="number">
              {byTab.sent}
            </th>
            {present.map((outcome) => (
              <th key={outcome} scope="col" class="number">
                {texts.outcomes[outcome].name}
              </th>
            ))}
            <th scope="col" class="number">
              {byTab.median}
            </th>
          </tr>
        </thead>
        <tbody>
          {tabRecords(timeline).map(({ tab, sent, counts, medianMs }) => (
            <tr key={tab.sessionId}>
              <th scope="row" title={tab.volunteerId}>
                {tab.nickname}
              </th>
              <td class="number">{count(sent)}</td>
              {present.map((outcome) => (
                <td key={outcome} class="number">
                  {count(counts[outcome])}
                </td>
              ))}
              <td class="number">{medianMs === null ? NOTHING : duration(medianMs)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

function SpanTable({ timeline, shown }: { timeline: JobTimeline; shown: readonly TimelineSpan[] }) {
  const { bySpan } = texts;
  const { columns } = bySpan;
  const listed = shown.slice(-SPANS_LISTED_MAX).toReversed();
  return (
    <Scroll label={bySpan.title}>
      <table>
        <caption>
          {bySpan.title}. {bySpan.caption(listed.length, shown.length)}
        </caption>
        <thead>
          <tr>
            <th scope="col">{columns.round}</th>
            <th scope="col">{columns.tab}</th>
            <th scope="col" class="number">
              {columns.worker}
            </th>
            <th scope="col" class="number">
              {columns.sent}
            </th>
            <th scope="col" class="number">
              {columns.took}
            </th>
            <th scope="col">{columns.outcome}</th>
          </tr>
        </thead>
        <tbody>
          {listed.map((span) => (
            <tr key={`${span.tab} ${span.sentMs} ${span.roundIndex} ${span.workerIndex}`}>
              <td>{span.work === "share" ? texts.work.share : count(span.roundIndex + 1)}</td>
              <td>{timeline.tabs[span.tab]!.nickname}</td>
              <td class="number">{count(span.workerIndex)}</td>
              <td class="number">{duration(span.sentMs)}</td>
              <td class="number">{span.endedMs === null ? NOTHING : duration(span.endedMs - span.sentMs)}</td>
              <td>
                {texts.outcomes[span.outcome].name}
                {span.isAgain && ` (${texts.again})`}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}
