import type { JobView } from "../../shared/kinds/kinds.ts";
import { kindOf } from "../kinds/kinds.ts";
import { operatorTexts } from "../ui/operator-texts.ts";
import { Scroll } from "../ui/scroll.tsx";
import { TableHead } from "../ui/table-head.tsx";
import { count, percent } from "../ui/units.ts";
import { auditCost } from "./figures.ts";

const texts = operatorTexts.queue;

/** Jobs, what checking them cost, and the way to their logs. */
export function QueueTable({ jobs, onLog }: { jobs: readonly JobView[]; onLog(jobId: string): void }) {
  const { columns } = texts;
  const audits = auditCost(jobs);
  return (
    <section class="panel queue" aria-labelledby="queue-title">
      <h2 id="queue-title">{texts.title}</h2>
      <dl class="facts">
        <div>
          <dt>{texts.audit}</dt>
          <dd class="figure">{texts.auditText(audits.rows, audits.share)}</dd>
        </div>
        <div>
          <dt>{texts.failed}</dt>
          <dd class="figure">{count(audits.failed)}</dd>
        </div>
      </dl>
      {jobs.length === 0 && <p class="hint">{texts.none}</p>}
      {jobs.length > 0 && (
        <Scroll label={texts.title}>
          <table>
            <TableHead
              columns={[
                columns.job,
                columns.submitter,
                columns.state,
                { numbers: columns.progress },
                { numbers: columns.audits },
                columns.log,
              ]}
            />
            <tbody>
              {jobs.map((job) => (
                <tr key={job.jobId}>
                  <td title={job.jobId}>{job.name}</td>
                  <td>{job.submitter}</td>
                  <td>
                    {job.state}
                    {job.waitingFor !== null && <span class="hint block">{texts.waiting(job.waitingFor)}</span>}
                  </td>
                  <td class="number">{percent(kindOf(job).progressOf(job))}</td>
                  <td class="number">{auditedRows(job)}</td>
                  <td>
                    <button
                      type="button"
                      class="small"
                      aria-label={texts.openOf(job.name)}
                      onClick={() => onLog(job.jobId)}
                    >
                      {texts.open}
                    </button>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </section>
  );
}

function auditedRows(job: JobView): string {
  const audits = kindOf(job).auditsOf?.(job);
  return audits === undefined ? "" : count(audits.rows);
}
