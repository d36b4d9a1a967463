import type { JobTimeline, TimelineSpan } from "../../../shared/protocol/timeline-api.ts";
import { Scroll } from "../scroll.tsx";
import { TableHead } from "../table-head.tsx";
import { count, duration } from "../units.ts";
import { countOutcomes, OUTCOMES, tabRecords } from "./tab-records.ts";
import { timeline as texts } from "./timeline-texts.ts";

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
        <TableHead
          columns={[
            byTab.tab,
            { numbers: byTab.sent },
            ...present.map((outcome) => ({ numbers: texts.outcomes[outcome].name })),
            { numbers: byTab.median },
          ]}
        />
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
        <TableHead
          columns={[
            columns.round,
            columns.tab,
            { numbers: columns.worker },
            { numbers: columns.sent },
            { numbers: columns.took },
            columns.outcome,
          ]}
        />
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
