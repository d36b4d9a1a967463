import type { FinishedAssignment } from "../session/session-status.ts";
import { Scroll } from "../ui/scroll.tsx";
import { TableHead } from "../ui/table-head.tsx";
import { volunteer } from "../ui/texts.ts";
import { count, duration } from "../ui/units.ts";

const texts = volunteer.history;
const SHOWN_MAX = 6;

export function History({ assignments }: { assignments: readonly FinishedAssignment[] }) {
  const shown = assignments.filter(({ kind }) => kind !== "probe").slice(0, SHOWN_MAX);
  if (shown.length === 0) return null;
  const { columns, outcomes } = texts;
  return (
    <section class="panel history" aria-labelledby="history-title">
      <h2 id="history-title">{texts.title}</h2>
      <Scroll label={texts.title}>
        <table>
          <TableHead
            columns={[
              columns.job,
              columns.submitter,
              { numbers: columns.round },
              { numbers: columns.time },
              columns.outcome,
            ]}
          />
          <tbody>
            {shown.map((assignment) => (
              <tr
                key={`${assignment.jobId} ${assignment.roundIndex} ${assignment.workerIndex} ${assignment.finishedAtMs}`}
              >
                <td>{assignment.jobName}</td>
                <td>{assignment.submitter}</td>
                <td class="number">
                  {assignment.lane === "fetching" ? texts.share : count(assignment.roundIndex + 1)}
                </td>
                <td class="number">{duration(assignment.ms)}</td>
                <td>
                  <span class={`tag outcome-${assignment.outcome}`}>{outcomes[assignment.outcome]}</span>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </section>
  );
}
