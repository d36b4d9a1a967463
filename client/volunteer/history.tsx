import type { FinishedPiece } from "../session/session-status.ts";
import { Scroll } from "../ui/scroll.tsx";
import { TableHead } from "../ui/table-head.tsx";
import { volunteer } from "../ui/texts.ts";
import { count, duration } from "../ui/units.ts";

const texts = volunteer.history;
const SHOWN_MAX = 6;

export function History({ pieces }: { pieces: readonly FinishedPiece[] }) {
  const shown = pieces.filter(({ kind }) => kind !== "probe").slice(0, SHOWN_MAX);
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
            {shown.map((piece) => (
              <tr key={`${piece.jobId} ${piece.roundIndex} ${piece.workerIndex} ${piece.finishedAtMs}`}>
                <td>{piece.jobName}</td>
                <td>{piece.submitter}</td>
                <td class="number">{piece.kind === "shard" ? texts.share : count(piece.roundIndex + 1)}</td>
                <td class="number">{duration(piece.ms)}</td>
                <td>
                  <span class={`tag outcome-${piece.outcome}`}>{outcomes[piece.outcome]}</span>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </section>
  );
}
