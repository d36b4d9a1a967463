/** The jobs that one has helped with: for whom they are, and how far along they are now. */
import { useEffect } from "preact/hooks";
import { DataTable } from "../ui/table.tsx";
import { endWord, helpedWords } from "./assignment-words.ts";
import { HelpedJobLink } from "./helped-job-link.tsx";
import type { HelpedJobs } from "./helped-jobs.ts";
import { volunteerTexts } from "./texts/texts.ts";
import { useWork } from "./use-work.ts";

const SHOWN_MAX = 5;
const POLL_MS = 30_000;

export function HelpedJobsList({ helped }: { helped: HelpedJobs }) {
  const texts = volunteerTexts().helped;
  const jobs = helped.jobs.value;
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
          of.text(columns.job, (job) => <HelpedJobLink job={job} />),
          of.text(columns.submitter, ({ submitter }) => submitter),
          of.text(columns.progress, ({ jobId }) => <Progress jobId={jobId} tell={helped.tell} />),
        ]}
      />
    </section>
  );
}

function Progress({ jobId, tell }: { jobId: string } & Pick<HelpedJobs, "tell">) {
  const texts = volunteerTexts();
  const work = useWork(jobId, POLL_MS);
  const hasEnded = work !== null && endWord(texts, work) !== undefined;
  useEffect(() => {
    if (hasEnded && document.visibilityState === "visible") tell(jobId);
  }, [jobId, hasEnded]);
  return <>{work === null ? texts.helped.unknown : helpedWords(texts, work)}</>;
}
