import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { type Opened, openedIn } from "../ui/jobs/job-address.ts";
import { PageFrame } from "../ui/page-frame.tsx";
import { Problem } from "../ui/problem.tsx";
import { dashboard as texts } from "../ui/texts.ts";
import type { DashboardStore } from "./dashboard-store.ts";
import { JobKindTabs } from "./job-kind-tabs.tsx";
import { JobList } from "./job-list.tsx";
import { QuarantinedTable } from "./quarantined-table.tsx";
import { ReceiptPage } from "./receipt-page.tsx";
import { StatusStrip } from "./status-strip.tsx";
import { TabsTable } from "./tabs-table.tsx";

/** @param children what stands above everything: who is signed in */
export function DashboardPage({ store, children }: { store: DashboardStore; children?: ComponentChildren }) {
  const opened = useOpened(store);
  const problem = store.problem.value;
  if (opened.receipt !== null) {
    return (
      <PageFrame page="dashboard">
        <ReceiptPage key={opened.receipt} client={store.client} jobId={opened.receipt} />
      </PageFrame>
    );
  }
  return (
    <PageFrame page="dashboard">
      <div class="intro">
        <h1>{texts.title}</h1>
        <p class="lead">{texts.lead}</p>
        {children}
      </div>
      <Problem message={problem} say={texts.unreachable} />
      {store.status.value === null && problem === null ? (
        // All of it comes at once: nothing moves away from under a pointer.
        <p class="hint">{texts.loading}</p>
      ) : (
        <>
          <StatusStrip status={store.status.value} />
          <div class="columns form-first">
            <JobKindTabs dashboard={store} />
            <div class="column">
              <JobList store={store} openJobId={opened.job} />
              <TabsTable sessions={store.sessions.value} />
              <QuarantinedTable volunteers={store.quarantined.value} />
            </div>
          </div>
        </>
      )}
    </PageFrame>
  );
}

/** What the address says is open; the store follows it. */
function useOpened(store: DashboardStore): Opened {
  const [opened, setOpened] = useState(() => openedIn(location.hash));
  useEffect(() => {
    const onHashChange = () => setOpened(openedIn(location.hash));
    addEventListener("hashchange", onHashChange);
    return () => removeEventListener("hashchange", onHashChange);
  }, []);
  useEffect(() => store.open(opened.job), [store, opened.job]);
  return opened;
}
