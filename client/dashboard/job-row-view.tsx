import type { JobRow } from "../../shared/kinds/job-list.ts";
import type { Dashboard } from "../kinds/job-pages.ts";
import { PAGE_KINDS } from "../kinds/kinds.ts";
import { jobHash } from "../ui/jobs/job-address.ts";
import { StateTag } from "../ui/jobs/state-tag.tsx";
import { dashboard } from "../ui/texts.ts";
import { ago, dateTime, duration, percent } from "../ui/units.ts";
import { pageTexts } from "./dashboard-texts.ts";
import { DeleteJob } from "./delete-job.tsx";

const texts = pageTexts.jobs;

/** A job in the list: what, whose, since when, its state and how far it is. */
export function JobRowView({ row, nowMs, dashboard: page }: { row: JobRow; nowMs: number; dashboard: Dashboard }) {
  const { jobId, name, submitter, submittedMs, finishedMs, waitingFor, whyEnded } = row;
  const remark = waitingFor ?? whyEnded;
  return (
    <li class="job-row" data-testid="job-row">
      <div class="job-row-what">
        <a href={jobHash(jobId)}>{name}</a>
        <p class="hint">
          {PAGE_KINDS[row.kind].name}, {texts.for(submitter)}
        </p>
      </div>
      <div class="job-row-state">
        <StateTag job={row} />
        <p class="hint" title={dateTime(finishedMs ?? submittedMs)}>
          {finishedMs === null
            ? texts.submitted(ago(submittedMs, nowMs))
            : texts.ended(dateTime(finishedMs), duration(finishedMs - submittedMs))}
        </p>
      </div>
      <Progress row={row} />
      <div class="job-row-actions">
        {finishedMs !== null && <DeleteJob dashboard={page} job={row} onDeleted={page.refresh} />}
      </div>
      {remark !== null && <p class="hint job-row-note">{dashboard.jobs.sentence(remark)}</p>}
    </li>
  );
}

function Progress({ row: { name, progress } }: { row: JobRow }) {
  if (progress === null) return <p class="hint job-row-progress">{texts.progressUnknown}</p>;
  return (
    <div class="job-row-progress">
      <progress max={1} value={progress} aria-label={texts.progressOf(name)} />
      <span>{percent(Math.floor(progress * 100) / 100)}</span>
    </div>
  );
}
