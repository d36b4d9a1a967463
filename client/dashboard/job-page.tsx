import { InvitationsPanel } from "../coded/invitations.tsx";
import { JOB_TABS, JOBS_HASH, type JobTab, jobHash } from "../ui/jobs/job-address.ts";
import { useNow } from "../ui/now.ts";
import { dashboard } from "../ui/texts.ts";
import { AskedTab } from "./asked/asked-tab.tsx";
import type { DashboardStore, OpenJob } from "./dashboard-store.ts";
import { pageTexts } from "./dashboard-texts.ts";
import { DeleteJob } from "./delete-job.tsx";
import { pagesOf } from "./loaded-kinds.ts";
import { PageHeading } from "./page-heading.tsx";
import { ReceiptTab } from "./receipt-tab.tsx";
import { ShareJob } from "./share-job.tsx";

const texts = pageTexts.job;

/** One job: how it stands, and its parts as tabs. */
export function JobPage({ store, jobId, tab }: { store: DashboardStore; jobId: string; tab: JobTab }) {
  const open = store.job.value?.view.jobId === jobId ? store.job.value : null;
  const missing = store.noJob.value;
  return (
    <>
      {store.mayChange && (
        <p class="back no-print">
          <a href={JOBS_HASH}>{texts.all}</a>
        </p>
      )}
      <Told store={store} jobId={jobId} />
      {open === null && missing === null && store.problem.value === null && <p class="hint">{dashboard.loading}</p>}
      {open === null && missing !== null && (
        <p class="note error" role="alert">
          {texts.missing(missing)} {texts.missingHint}
        </p>
      )}
      {open !== null && <Job store={store} open={open} tab={tab} />}
    </>
  );
}

/** What is told once, right after a submission from this page. */
function Told({ store, jobId }: { store: DashboardStore; jobId: string }) {
  const told = store.told.value;
  if (told?.jobId !== jobId) return <p role="status" />;
  const { name, invitations = [] } = told;
  return (
    <>
      <p role="status" class="no-print">
        {texts.submitted(name)}
      </p>
      {invitations.length > 0 && (
        <InvitationsPanel invitations={{ jobName: name, links: invitations }} done={store.putAway} />
      )}
    </>
  );
}

function Job({ store, open: { view, detail }, tab }: { store: DashboardStore; open: OpenJob; tab: JobTab }) {
  const nowMs = useNow(5_000, view.finishedMs === null);
  const { Head } = pagesOf(view);
  const heading = <PageHeading title={view.name}>{view.name}</PageHeading>;
  return (
    <div class="column">
      <div class="panel no-print">
        <Head dashboard={store} job={view} nowMs={nowMs} heading={heading}>
          {store.mayChange && <ShareJob dashboard={store} jobId={view.jobId} name={view.name} />}
          {store.mayChange && view.finishedMs !== null && (
            <DeleteJob
              dashboard={store}
              job={view}
              onDeleted={() => {
                location.hash = JOBS_HASH;
              }}
            />
          )}
        </Head>
      </div>
      <nav class="parts no-print" aria-label={texts.parts}>
        {JOB_TABS.map((name) => (
          <a key={name} href={jobHash(view.jobId, name)} aria-current={name === tab ? "true" : undefined}>
            {texts.tabs[name]}
          </a>
        ))}
      </nav>
      <Part store={store} open={{ view, detail }} tab={tab} />
    </div>
  );
}

function Part({ store, open: { view, detail }, tab }: { store: DashboardStore; open: OpenJob; tab: JobTab }) {
  const { Answers, Progress } = pagesOf(view);
  switch (tab) {
    case "answers":
      return (
        <div class="panel detail">
          <Answers dashboard={store} job={view} detail={detail} />
        </div>
      );
    case "progress":
      return (
        <div class="panel detail">
          <Progress dashboard={store} job={view} detail={detail} />
        </div>
      );
    case "receipt":
      return <ReceiptTab client={store.client} job={view} />;
    case "asked":
      return <AskedTab client={store.client} jobId={view.jobId} />;
  }
}
