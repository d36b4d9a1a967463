import type { JobKind } from "../../shared/kinds/kinds.ts";
import type { DashboardStore } from "./dashboard-store.ts";
import { pageTexts } from "./dashboard-texts.ts";
import { JobKindTabs } from "./job-kind-tabs.tsx";
import { PageHeading } from "./page-heading.tsx";

const texts = pageTexts.new;

/** @param kind null: the one that was chosen last. @param isShown what is not shown keeps what was typed into it, and asks for nothing */
export function NewJobPage(props: { store: DashboardStore; kind: JobKind | null; isShown: boolean }) {
  const { store, kind, isShown } = props;
  return (
    <div class="new-job" hidden={!isShown}>
      {isShown && (
        <div class="intro">
          <PageHeading title={texts.title}>{texts.title}</PageHeading>
          <p class="lead">{texts.lead}</p>
        </div>
      )}
      <JobKindTabs dashboard={store} asked={kind} isShown={isShown} />
    </div>
  );
}
