import { waitingInWords } from "../../shared/kinds/inference/rows-words.ts";
import type { JobView } from "../../shared/kinds/kinds.ts";
import { whyEnded } from "../../shared/kinds/why-ended.ts";
import type { QuarantineView } from "../../shared/protocol/operator-api.ts";
import { pageKindOf } from "../kinds/kinds.ts";
import { StateTag } from "../ui/jobs/state-tag.tsx";
import { useNow } from "../ui/now.ts";
import { operatorTexts } from "../ui/operator-texts.ts";
import { DataTable } from "../ui/table.tsx";
import { Terms } from "../ui/terms.tsx";
import { count, duration, percent } from "../ui/units.ts";
import { auditCost, namingsLastHour, rowsFigures } from "./figures.ts";

const texts = operatorTexts.queue;

interface QueueTableProps {
  readonly jobs: readonly JobView[];
  readonly quarantines: readonly QuarantineView[];
  onLog(jobId: string): void;
}

/** Jobs, what checking them cost, and the way to their logs. */
export function QueueTable({ jobs, quarantines, onLog }: QueueTableProps) {
  const { columns } = texts;
  const audits = auditCost(jobs);
  const nowMs = useNow(5_000);
  return (
    <section class="panel queue" aria-labelledby="queue-title">
      <h2 id="queue-title">{texts.title}</h2>
      <Terms
        class="facts"
        areFigures
        rows={[
          [texts.audit, texts.auditText(audits.rows, audits.share)],
          [texts.failed, count(audits.failed)],
          ...rowsTerms(jobs, quarantines, nowMs),
        ]}
      />
      {jobs.length === 0 && <p class="hint">{texts.none}</p>}
      {jobs.length > 0 && (
        <DataTable
          label={texts.title}
          rows={jobs}
          keyOf={({ jobId }) => jobId}
          columns={(of) => [
            // Its button stands beside the name: on a phone the other columns are out of sight.
            of.text(
              columns.job,
              ({ jobId, name }) => (
                <span class="name-and-log">
                  <span>{name}</span>
                  <button type="button" class="link" aria-label={texts.openOf(name)} onClick={() => onLog(jobId)}>
                    {columns.log}
                  </button>
                </span>
              ),
              ({ jobId }) => jobId,
            ),
            of.text(columns.submitter, ({ submitter }) => submitter),
            of.text(columns.state, (job) => <State job={job} />),
            of.number(columns.progress, (job) => percent(pageKindOf(job).progressOf(job))),
            of.number(columns.audits, auditedRows),
          ]}
        />
      )}
    </section>
  );
}

function State({ job }: { job: JobView }) {
  const remark = job.waitingFor ?? whyEnded(job);
  return (
    <>
      <StateTag job={job} />
      {remark !== null && <span class="hint block">{remark}</span>}
    </>
  );
}

function auditedRows(job: JobView): string {
  const audits = pageKindOf(job).auditsOf?.(job);
  return audits === undefined ? "" : count(audits.rows);
}

/** Of jobs on the ledger of rows; empty: there is none. */
function rowsTerms(
  jobs: readonly JobView[],
  quarantines: readonly QuarantineView[],
  nowMs: number,
): [string, string][] {
  const figures = rowsFigures(jobs);
  if (figures === null) return [];
  const { waiting, notFinalForMs, trustedRows, pricedRows, rows } = figures;
  return [
    [texts.rows.waiting, waitingInWords(waiting) || texts.rows.nothing],
    [texts.rows.oldest, notFinalForMs === null ? texts.rows.nothing : duration(notFinalForMs)],
    [texts.rows.trusted, texts.rows.trustedText(trustedRows, pricedRows, rows)],
    [texts.rows.namings, count(namingsLastHour(quarantines, nowMs))],
  ];
}
