/** What became of the jobs that one has helped with: for whom they are, and how far along they are now. */
import type { WorkView } from "../../shared/protocol/volunteer-api.ts";
import { Scroll } from "../ui/scroll.tsx";
import { TableHead } from "../ui/table-head.tsx";
import { volunteer } from "../ui/texts.ts";
import { progressWords } from "./assignment-words.ts";
import type { HelpedJob } from "./helped-jobs.ts";
import { useWork } from "./use-work.ts";

const texts = volunteer.helped;
const SHOWN_MAX = 5;
const POLL_MS = 10_000;

export function HelpedJobs({ jobs }: { jobs: readonly HelpedJob[] }) {
  if (jobs.length === 0) return null;
  const { columns } = texts;
  return (
    <section class="panel" aria-labelledby="helped-title">
      <h2 id="helped-title">{texts.title}</h2>
      <Scroll label={texts.title}>
        <table>
          <TableHead columns={[columns.job, columns.submitter, columns.progress]} />
          <tbody>
            {jobs.slice(0, SHOWN_MAX).map((job) => (
              <Helped key={job.jobId} job={job} />
            ))}
          </tbody>
        </table>
      </Scroll>
    </section>
  );
}

function Helped({ job: { jobId, name, submitter } }: { job: HelpedJob }) {
  const work = useWork(jobId, POLL_MS);
  return (
    <tr>
      <td>
        <a href={`/dashboard#job=${encodeURIComponent(jobId)}`} aria-label={texts.follow(name)}>
          {name}
        </a>
      </td>
      <td>{submitter}</td>
      <td>{work === null ? texts.unknown : progressOf(work)}</td>
    </tr>
  );
}

function progressOf(work: WorkView): string {
  const ended = texts.states[work.state];
  return [...(ended === undefined ? [] : [ended]), progressWords(work)].join(", ");
}
