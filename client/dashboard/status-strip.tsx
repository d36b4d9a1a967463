import type { StatusView } from "../../shared/protocol/crowd-api.ts";
import { dashboard } from "../ui/texts.ts";
import { count } from "../ui/units.ts";

const texts = dashboard.status;

/** The coordinator in one line, and why it sends nothing out where it does not. */
export function StatusStrip({ status }: { status: StatusView | null }) {
  if (status === null) return null;
  const figures: [string, string][] = [
    [texts.tabs, texts.tabsText(status.sessionsReady, status.sessions)],
    [texts.jobs, count(status.jobsActive)],
    [texts.numerics, count(status.numericsPending)],
    [texts.inFlight, texts.inFlightText(status.bytesInFlight)],
  ];
  return (
    <section aria-label={texts.label} class="strip">
      <dl>
        {figures.map(([term, figure]) => (
          <div key={term}>
            <dt>{term}</dt>
            <dd class="figure">{figure}</dd>
          </div>
        ))}
      </dl>
      {status.pausedBecause !== null && <p class="note warn">{texts.paused(status.pausedBecause)}</p>}
      {status.faultsAllowed && <p class="note warn">{texts.faults}</p>}
    </section>
  );
}
