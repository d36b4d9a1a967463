import type { JobView } from "../../shared/kinds/kinds.ts";
import { RELEASE_REASON_LENGTH_MAX } from "../../shared/protocol/limits.ts";
import type { DifferingRow, Evidence, QuarantineView } from "../../shared/protocol/operator-api.ts";
import { useNow } from "../ui/now.ts";
import { operatorTexts } from "../ui/operator-texts.ts";
import { DataTable } from "../ui/table.tsx";
import { ago, count } from "../ui/units.ts";
import { ReasonForm } from "./reason-form.tsx";

const texts = operatorTexts.quarantine;

interface QuarantineListProps {
  readonly quarantines: readonly QuarantineView[];
  readonly jobs: readonly JobView[];
  onRelease(volunteerId: string, reason: string): Promise<void>;
  /** Everybody that this job quarantined. */
  onReleaseAll(jobId: string, reason: string): Promise<void>;
  onLog(jobId: string): void;
}

/** Who was quarantined, what speaks against them, and the way back. */
export function QuarantineList({ quarantines, jobs, onRelease, onReleaseAll, onLog }: QuarantineListProps) {
  return (
    <section class="panel quarantines" aria-labelledby="quarantines-title">
      <h2 id="quarantines-title">{texts.title}</h2>
      {quarantines.length === 0 && <p class="hint">{texts.none}</p>}
      {namedByOneJob(quarantines).map(([jobId, named]) => (
        <article key={jobId} class="quarantined-one" aria-label={texts.byJob(named, nameOf(jobs, jobId))}>
          <p>{texts.byJob(named, nameOf(jobs, jobId))}</p>
          <ReleaseForm button={texts.releaseAll} onRelease={(reason) => onReleaseAll(jobId, reason)} />
        </article>
      ))}
      {quarantines.map((volunteer) => (
        <Quarantined
          key={volunteer.volunteerId}
          volunteer={volunteer}
          jobs={jobs}
          onRelease={onRelease}
          onLog={onLog}
        />
      ))}
    </section>
  );
}

/** Jobs that named several: each may have been at fault itself. */
function namedByOneJob(quarantines: readonly QuarantineView[]): [jobId: string, named: number][] {
  const named = new Map<string, number>();
  for (const { quarantine } of quarantines) {
    if (quarantine !== null) named.set(quarantine.jobId, (named.get(quarantine.jobId) ?? 0) + 1);
  }
  return [...named].filter(([, count]) => count > 1);
}

function nameOf(jobs: readonly JobView[], jobId: string): string {
  return jobs.find((job) => job.jobId === jobId)?.name ?? jobId;
}

type QuarantinedProps = Omit<QuarantineListProps, "quarantines" | "onReleaseAll"> & {
  readonly volunteer: QuarantineView;
};

function Quarantined({ volunteer, jobs, onRelease, onLog }: QuarantinedProps) {
  const nowMs = useNow(5_000);
  const { volunteerId, nickname, quarantine, released, evidence, auditsPassed, auditsFailed } = volunteer;
  const cause = quarantine ?? released!.from;
  const job = nameOf(jobs, cause.jobId);
  return (
    <article class="quarantined-one" aria-label={nickname}>
      <h3>
        {nickname} <code title={volunteerId}>{volunteerId.slice(0, 12)}</code>{" "}
        <span class={`tag ${quarantine === null ? "tag-good" : "tag-bad"}`}>
          {quarantine === null ? texts.isOut : texts.isIn}
        </span>
      </h3>
      <p>
        {cause.reason}. {texts.found(ago(cause.atMs, nowMs), cause.roundIndex, job)}{" "}
        <button
          type="button"
          class="link"
          aria-label={operatorTexts.queue.openOf(job)}
          onClick={() => onLog(cause.jobId)}
        >
          {operatorTexts.queue.columns.log}
        </button>
      </p>
      <p class="hint">{texts.record(auditsPassed, auditsFailed)}</p>
      {released !== null && <p class="note">{texts.released(ago(released.atMs, nowMs), released.reason)}</p>}
      <details>
        <summary>{texts.evidence}</summary>
        {evidence.length === 0 && <p class="hint">{texts.noEvidence}</p>}
        {evidence.map((found) => (
          <EvidenceTable key={keyOf(found)} evidence={found} />
        ))}
      </details>
      {quarantine !== null && (
        <ReleaseForm button={texts.release} onRelease={(reason) => onRelease(volunteerId, reason)} />
      )}
    </article>
  );
}

const keyOf = ({ atMs, roundIndex, workerIndex, assignmentId, rows }: Evidence) =>
  [atMs, roundIndex, workerIndex, assignmentId, ...rows.map(({ row }) => row)].join(" ");

function EvidenceTable({ evidence: { workerIndex, roundIndex, rows } }: { evidence: Evidence }) {
  const { columns } = texts;
  const caption = texts.evidenceOf(workerIndex, roundIndex);
  return (
    <DataTable
      label={caption}
      caption={caption}
      class="evidence"
      rows={rows}
      keyOf={({ row }) => row}
      columns={(of) => [
        of.number(columns.row, ({ row }) => count(row)),
        of.text(columns.received, ({ received }) => <Numbers of={received} />),
        of.text(columns.expected, ({ expected }) => <Numbers of={expected} />),
        of.number(columns.deviation, (row) => texts.deviationText((row as DifferingRow).deviation)),
      ]}
    />
  );
}

function Numbers({ of }: { of: readonly number[] }) {
  return <code>{of.map((value) => value.toPrecision(4)).join("  ")}</code>;
}

interface ReleaseFormProps {
  readonly button: string;
  onRelease(reason: string): Promise<void>;
}

function ReleaseForm({ button, onRelease }: ReleaseFormProps) {
  return (
    <ReasonForm
      label={texts.reason}
      hint={texts.reasonHint}
      button={button}
      lengthMax={RELEASE_REASON_LENGTH_MAX}
      say={texts.refused}
      onReason={onRelease}
    />
  );
}
