/** What every coded job says in the list about its crowd, and what is to be noted of it. */
import { CODED_SCHEMES } from "../../shared/coding/coded-schemes/coded-schemes.ts";
import { LendTab } from "../ui/jobs/lend-tab.tsx";
import { dashboard } from "../ui/texts.ts";
import { codedTexts } from "./coded-texts.ts";
import type { CodedJobView } from "./coded-words.ts";

const { facts } = codedTexts.job;

/** @param own what the job says of itself, before its crowd; null: nothing of it is known */
export function JobFacts({ job, own = [] }: { job: CodedJobView; own?: readonly (string | null)[] }) {
  const said = [...own, ...crowdFacts(job)].filter((fact) => fact !== null);
  return said.length === 0 ? null : <p class="job-facts">{said.join(" · ")}</p>;
}

function crowdFacts({ finishedMs, volunteersAtWork, code, liarsNamed, codeChanges }: CodedJobView): (string | null)[] {
  return [
    finishedMs === null ? facts.tabs(volunteersAtWork) : null,
    code !== null && code.shardsHeld < code.shards ? facts.shards(code.shardsHeld, code.shards) : null,
    liarsNamed === 0 ? null : facts.liars(liarsNamed),
    codeChanges === 0 ? null : facts.codes(codeChanges),
  ];
}

/** Why it waits, what went wrong, how far its scheme may be trusted, and what its data is like. */
export function JobNotes({ job, ending = null }: { job: CodedJobView; ending?: string | null }) {
  const { trust } = CODED_SCHEMES[job.scheme].words;
  return (
    <>
      {job.waitingFor !== null && (
        <p class="note warn">
          {dashboard.jobs.sentence(job.waitingFor)} {job.lacksTabs === "any" && <LendTab />}
        </p>
      )}
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
