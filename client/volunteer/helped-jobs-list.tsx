/** What became of the jobs that one has helped with: for whom they are, and how far along they are now. */
import { DataTable } from "../ui/table.tsx";
import { volunteer } from "../ui/texts.ts";
import { helpedWords } from "./assignment-words.ts";
import type { HelpedJob } from "./helped-jobs.ts";
import { useWork } from "./use-work.ts";

const texts = volunteer.helped;
const SHOWN_MAX = 5;
const POLL_MS = 30_000;

export function HelpedJobs({ jobs }: { jobs: readonly HelpedJob[] }) {
  if (jobs.length === 0) return null;
  const { columns } = texts;
  return (
    <section class="panel" aria-labelledby="helped-title">
      <h2 id="helped-title">{texts.title}</h2>
      <DataTable
        label={texts.title}
        rows={jobs.slice(0, SHOWN_MAX)}
        keyOf={({ jobId }) => jobId}
        columns={(of) => [
          of.text(columns.job, ({ jobId, name }) => (
            <a href={`/dashboard#jobs/${encodeURIComponent(jobId)}`} aria-label={texts.follow(name)}>
              {name}
            </a>
          )),
          of.text(columns.submitter, ({ submitter }) => submitter),
          of.text(columns.progress, ({ jobId }) => <Progress jobId={jobId} />),
        ]}
      />
    </section>
  );
}

function Progress({ jobId }: { jobId: string }) {
  const work = useWork(jobId, POLL_MS);
  return <>{work === null ? texts.unknown : helpedWords(work)}</>;
}
