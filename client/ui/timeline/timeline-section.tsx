import { useState } from "preact/hooks";
import type { JobTimeline } from "../../../shared/protocol/timeline-api.ts";
import { LatencyPicture } from "./latency-picture.tsx";
import { pageOf } from "./timeline-layout.ts";
import { TimelineLegend } from "./timeline-legend.tsx";
import { TimelinePicture } from "./timeline-picture.tsx";
import { TimelineTables } from "./timeline-tables.tsx";
import { timeline as texts } from "./timeline-texts.ts";

/** A job as a picture: what each tab did, and how long answers took. */
export function Timeline({ timeline }: { timeline: JobTimeline }) {
  return (
    <>
      <section aria-label={texts.title}>
        <h2>{texts.title}</h2>
        <Work timeline={timeline} />
      </section>
      {timeline.spans.length > 0 && (
        <section aria-label={texts.latency.title}>
          <h2>{texts.latency.title}</h2>
          <LatencyPicture spans={timeline.spans} />
        </section>
      )}
    </>
  );
}

function Work({ timeline }: { timeline: JobTimeline }) {
  // Counted from the end, so that the picture follows a job that runs.
  const [page, setPage] = useState(0);
  const { atMs, spans, tabs, spansDropped, isWhole } = timeline;
  const { from, shown } = pageOf(spans, page);
  if (shown.length === 0) return <p class="hint">{isWhole ? texts.none : texts.notKept}</p>;
  const isPaged = shown.length < spans.length;
  return (
    <>
      <TimelinePicture tabs={tabs} spans={shown} nowMs={atMs} />
      <TimelineLegend spans={shown} />
      {(spansDropped > 0 || !isWhole) && (
        <p class="hint">
          {!isWhole && texts.notWhole} {spansDropped > 0 && texts.dropped(spansDropped)}
        </p>
      )}
      {isPaged && (
        <div class="pager">
          <p class="hint">{texts.range(from + 1, from + shown.length, spans.length)}</p>
          <div class="buttons">
            <button type="button" class="small" disabled={from === 0} onClick={() => setPage(page + 1)}>
              {texts.earlier}
            </button>
            <button type="button" class="small" disabled={page === 0} onClick={() => setPage(page - 1)}>
              {texts.later}
            </button>
          </div>
        </div>
      )}
      <TimelineTables timeline={timeline} shown={shown} />
    </>
  );
}
