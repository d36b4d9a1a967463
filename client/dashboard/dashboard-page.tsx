import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { loadedLater } from "../ui/loaded-later.tsx";
import { PageFrame } from "../ui/page-frame.tsx";
import { Problem } from "../ui/problem.tsx";
import { dashboard as texts } from "../ui/texts.ts";
import { CrowdPage } from "./crowd-page.tsx";
import type { DashboardStore } from "./dashboard-store.ts";
import { JobsPage } from "./jobs-page.tsx";
import { PageParts } from "./page-parts.tsx";
import { useRoute } from "./use-route.ts";

const JobPage = loadedLater(async () => (await import("./job-page.tsx")).JobPage);
const ModelsPage = loadedLater(async () => (await import("./models/models-page.tsx")).ModelsPage);
const NewJobPage = loadedLater(async () => (await import("./new-job-page.tsx")).NewJobPage);

/** @param children who is signed in */
export function DashboardPage({ store, children }: { store: DashboardStore; children?: ComponentChildren }) {
  const route = useRoute();
  // Before the first answer comes: the page is asked for, not the one before it.
  useEffect(() => store.show(route), [store, route]);
  const wasNewOpen = useRef(false);
  if (route.page === "new") wasNewOpen.current = true;
  return (
    <PageFrame page="dashboard">
      <div class="dashboard-top no-print">
        {store.mayChange && <PageParts page={route.page} />}
        {children}
      </div>
      <Problem message={store.problem.value} say={texts.unreachable} />
      {route.page === "jobs" && <JobsPage store={store} shown={route} />}
      {route.page === "job" && <JobPage key={route.jobId} store={store} jobId={route.jobId} tab={route.tab} />}
      {route.page === "models" && <ModelsPage store={store} />}
      {route.page === "crowd" && <CrowdPage store={store} />}
      {/* What was typed stays, wherever one looks meanwhile. */}
      {wasNewOpen.current && (
        <NewJobPage store={store} kind={route.page === "new" ? route.kind : null} isShown={route.page === "new"} />
      )}
    </PageFrame>
  );
}
