import type { ComponentChildren } from "preact";
import { PageFrame } from "../ui/page-frame.tsx";
import { signInTexts } from "../ui/sign-in-texts.ts";
import { pageTexts } from "./dashboard-texts.ts";
import { PageParts } from "./page-parts.tsx";
import type { Route } from "./route.ts";

interface BeforeDashboardProps extends Pick<Route, "page"> {
  readonly hasParts: boolean;
  readonly children: ComponentChildren;
}

/** The dashboard before anybody may look: its frame, and what is known of the reader's access. */
export function BeforeDashboard({ page, hasParts, children }: BeforeDashboardProps) {
  return (
    <PageFrame page="dashboard">
      {hasParts && (
        <div class="dashboard-top no-print">
          <PageParts page={page} />
        </div>
      )}
      {page === "jobs" && (
        <div class="intro">
          <h1>{pageTexts.jobs.title}</h1>
          <p class="lead">{pageTexts.jobs.lead}</p>
        </div>
      )}
      {children}
    </PageFrame>
  );
}

/** The dashboard until the coordinator has answered. */
export function FirstDashboard({ page = "jobs" }: Partial<Pick<Route, "page">>) {
  return (
    <BeforeDashboard page={page} hasParts>
      <p class="hint">{signInTexts.looking}</p>
    </BeforeDashboard>
  );
}
