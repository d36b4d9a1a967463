/** What a timeline comes to: by outcome, and by tab. Pure. */
import { median } from "../../../shared/numbers/quantile.ts";
import type { JobTimeline, TimelineOutcome, TimelineSpan, TimelineTab } from "../../../shared/protocol/timeline-api.ts";
import { timeline as texts } from "./timeline-texts.ts";

/** In the order in which people are told; from the texts, as the schema's module would bring more along. */
export const OUTCOMES = Object.keys(texts.outcomes) as TimelineOutcome[];

export type OutcomeCounts = Record<TimelineOutcome, number>;

export function countOutcomes(spans: readonly TimelineSpan[]): OutcomeCounts {
  const counts = Object.fromEntries(OUTCOMES.map((outcome) => [outcome, 0])) as OutcomeCounts;
  for (const { outcome } of spans) counts[outcome]++;
  return counts;
}

export interface TabRecord {
  readonly tab: TimelineTab;
  readonly counts: OutcomeCounts;
  readonly sent: number;
  /** Of its answers, ms; null: there are none. */
  readonly medianMs: number | null;
}

/** Of every tab, in the order in which they were first sent something. */
export function tabRecords({ tabs, spans }: Pick<JobTimeline, "tabs" | "spans">): TabRecord[] {
  const byTab = new Map<number, TimelineSpan[]>();
  for (const span of spans) {
    const own = byTab.get(span.tab);
    if (own === undefined) byTab.set(span.tab, [span]);
    else own.push(span);
  }
  return tabs.flatMap((tab, place) => {
    const own = byTab.get(place) ?? [];
    if (own.length === 0) return [];
    return [{ tab, counts: countOutcomes(own), sent: own.length, medianMs: median(answerTimes(own)) }];
  });
}

/** How long answers took, ascending; what nobody answered took no time. */
export function answerTimes(spans: readonly TimelineSpan[]): number[] {
  const times = spans.flatMap(({ outcome, sentMs, endedMs }) =>
    endedMs !== null &&
    (outcome === "answered" || outcome === "late" || outcome === "rejected" || outcome === "outvoted")
      ? [endedMs - sentMs]
      : [],
  );
  return times.sort((a, b) => a - b);
}
