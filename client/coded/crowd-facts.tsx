/** What every coded job says in the list about its crowd, and what is to be noted of it. */

import type { MatmulJobView } from "../../shared/kinds/matmul/job-view.ts";
import type { RegressionJobView } from "../../shared/kinds/regression/job-view.ts";
import { dashboard } from "../ui/texts.ts";
import { training } from "../ui/training-texts.ts";

const { facts } = training.job;

type CodedJob = RegressionJobView | MatmulJobView;

/** @param own what the job says of itself, before its crowd; null: nothing of it is known */
export function JobFacts({ job, own = [] }: { job: CodedJob; own?: readonly (string | null)[] }) {
  const said = [...own, ...crowdFacts(job)].filter((fact) => fact !== null);
  return said.length === 0 ? null : <p class="job-facts">{said.join(" · ")}</p>;
}

function crowdFacts({ finishedMs, volunteersAtWork, code, liarsNamed, codeChanges }: CodedJob): (string | null)[] {
  return [
    finishedMs === null ? facts.tabs(volunteersAtWork) : null,
    code !== null && code.shardsHeld < code.shards ? facts.shards(code.shardsHeld, code.shards) : null,
    liarsNamed === 0 ? null : facts.liars(liarsNamed),
    codeChanges === 0 ? null : facts.codes(codeChanges),
  ];
}

/** Why it waits, what went wrong, how far its scheme may be trusted, and what its data is like. */
export function JobNotes({ job, ending = null }: { job: CodedJob; ending?: string | null }) {
  const { trust } = training.schemes[job.scheme];
  return (
    <>
      {job.waitingFor !== null && <p class="note warn">{dashboard.jobs.waiting(job.waitingFor)}</p>}
      {ending !== null && <p class="note warn">{ending}</p>}
      {job.error !== null && <p class="note error">{job.error}</p>}
      {trust !== null && <p class="note warn">{trust}</p>}
      {job.notes.map((note) => (
        <p key={note} class="note">
          {note}
        </p>
      ))}
    </>
  );
}
