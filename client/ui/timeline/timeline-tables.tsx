import type { JobTimeline, TimelineSpan } from "../../../shared/protocol/timeline-api.ts";
import { DataTable } from "../table.tsx";
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
    <DataTable
      label={byTab.title}
      caption={byTab.title}
      rows={tabRecords(timeline)}
      keyOf={({ tab }) => tab.sessionId}
      columns={(of) => [
        of.head(
          byTab.tab,
          ({ tab }) => tab.nickname,
          ({ tab }) => tab.volunteerId,
        ),
        of.number(byTab.sent, ({ sent }) => count(sent)),
        ...present.map((outcome) => of.number(texts.outcomes[outcome].name, ({ counts }) => count(counts[outcome]))),
        of.number(byTab.median, ({ medianMs }) => (medianMs === null ? NOTHING : duration(medianMs))),
      ]}
    />
  );
}

function SpanTable({ timeline, shown }: { timeline: JobTimeline; shown: readonly TimelineSpan[] }) {
  const { bySpan } = texts;
  const { columns } = bySpan;
  const listed = shown.slice(-SPANS_LISTED_MAX).toReversed();
  // Claims of rows are of no round, and each is alone.
  const hasRounds = listed.some(({ roundIndex }) => roundIndex !== null);
  return (
    <DataTable
      label={bySpan.title}
      caption={`${bySpan.title}. ${bySpan.caption(listed.length, shown.length)}`}
      rows={listed}
      keyOf={({ tab, sentMs, roundIndex, workerIndex }) => `${tab} ${sentMs} ${roundIndex} ${workerIndex}`}
      columns={(of) => [
        ...(hasRounds
          ? [
              of.text(columns.round, ({ work, roundIndex }) => (roundIndex === null ? work : count(roundIndex + 1))),
              of.number(columns.worker, ({ workerIndex }) => count(workerIndex)),
            ]
          : []),
        of.text(columns.tab, ({ tab }) => timeline.tabs[tab]!.nickname),
        of.number(columns.sent, ({ sentMs }) => duration(sentMs)),
        of.number(columns.took, ({ sentMs, endedMs }) => (endedMs === null ? NOTHING : duration(endedMs - sentMs))),
        of.text(columns.outcome, ({ outcome, isAgain }) =>
          isAgain ? `${texts.outcomes[outcome].name} (${texts.again})` : texts.outcomes[outcome].name,
        ),
      ]}
    />
  );
}
