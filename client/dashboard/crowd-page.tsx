import { dashboard } from "../ui/texts.ts";
import type { DashboardStore } from "./dashboard-store.ts";
import { pageTexts } from "./dashboard-texts.ts";
import { PageHeading } from "./page-heading.tsx";
import { QuarantinedTable } from "./quarantined-table.tsx";
import { StatusStrip } from "./status-strip.tsx";
import { TabsTable } from "./tabs-table.tsx";

const texts = pageTexts.crowd;

/** The tabs that compute now, and the volunteers that were shut out. */
export function CrowdPage({ store }: { store: DashboardStore }) {
  const crowd = store.crowd.value;
  return (
    <>
      <div class="intro">
        <PageHeading title={texts.title}>{texts.title}</PageHeading>
        <p class="lead">{texts.lead}</p>
      </div>
      <StatusStrip status={store.status.value} />
      {crowd === null ? (
        <p class="hint">{dashboard.loading}</p>
      ) : (
        <div class="column">
          <TabsTable sessions={crowd.sessions} />
          <QuarantinedTable volunteers={crowd.quarantined} />
        </div>
      )}
    </>
  );
}
