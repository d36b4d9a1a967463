import type { FinishedAssignment } from "../session/session-status.ts";
import { DataTable } from "../ui/table.tsx";
import { speech } from "./texts/texts.ts";

const SHOWN_MAX = 6;

export function History({ assignments }: { assignments: readonly FinishedAssignment[] }) {
  const { texts: all, formats } = speech();
  const texts = all.history;
  const shown = assignments.filter(({ kind }) => kind !== "probe").slice(0, SHOWN_MAX);
  if (shown.length === 0) return null;
  const { columns, outcomes } = texts;
  return (
    <section class="panel history" aria-labelledby="history-title">
      <h2 id="history-title">{texts.title}</h2>
      <DataTable
        label={texts.title}
        rows={shown}
        keyOf={({ assignmentId }) => assignmentId}
        columns={(of) => [
          of.text(columns.job, ({ jobName }) => jobName),
          of.text(columns.submitter, ({ submitter }) => submitter),
          of.text(columns.work, ({ work }) => texts.work(work)),
          of.number(columns.time, ({ ms }) => formats.duration(ms)),
          of.text(columns.outcome, ({ outcome }) => <span class={`tag outcome-${outcome}`}>{outcomes[outcome]}</span>),
        ]}
      />
    </section>
  );
}
