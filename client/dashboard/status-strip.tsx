import type { StatusView } from "../../shared/protocol/crowd-api.ts";
import { LendTab } from "../ui/jobs/lend-tab.tsx";
import { Terms } from "../ui/terms.tsx";
import { dashboard } from "../ui/texts.ts";
import { count } from "../ui/units.ts";

const texts = dashboard.status;

/** The coordinator in one line, and why it sends nothing out where it does not. */
export function StatusStrip({ status }: { status: StatusView | null }) {
  if (status === null) return null;
  // A service of several coordinators counts as one: tabs come to the one that has jobs.
  const { sessions, sessionsReady, jobsActive } = status;
  const { tabs, tabsReady, jobs } = status.service ?? { tabs: sessions, tabsReady: sessionsReady, jobs: jobsActive };
  return (
    <section aria-label={texts.label} class="strip">
      <Terms
        areFigures
        rows={[
          [texts.tabs, texts.tabsText(tabsReady, tabs)],
          [texts.jobs, count(jobs)],
          [texts.numerics, count(status.numericsPending)],
          [texts.inFlight, texts.inFlightText(status.bytesInFlight)],
        ]}
      />
      {tabsReady === 0 && jobs > 0 && status.whyNoTab !== null && (
        <p class="note warn">
          {dashboard.jobs.sentence(status.whyNoTab)} <LendTab />
        </p>
      )}
      {status.pausedBecause !== null && <p class="note warn">{texts.paused(status.pausedBecause)}</p>}
      {status.faultsAllowed && <p class="note warn">{texts.faults}</p>}
    </section>
  );
}
