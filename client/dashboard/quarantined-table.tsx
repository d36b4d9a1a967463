import type { VolunteerView } from "../../shared/protocol/crowd-api.ts";
import { useNow } from "../ui/now.ts";
import { Scroll } from "../ui/scroll.tsx";
import { TableHead } from "../ui/table-head.tsx";
import { dashboard } from "../ui/texts.ts";
import { ago } from "../ui/units.ts";

const texts = dashboard.quarantined;

/** Who was found giving wrong answers, when, and by what. */
export function QuarantinedTable({ volunteers }: { volunteers: readonly VolunteerView[] | null }) {
  const nowMs = useNow(5_000);
  const { columns } = texts;
  return (
    <section class="panel quarantined" aria-labelledby="quarantined-title">
      <h2 id="quarantined-title">{texts.title}</h2>
      {volunteers?.length === 0 && <p class="hint">{texts.none}</p>}
      {volunteers !== null && volunteers.length > 0 && (
        <Scroll label={texts.title}>
          <table>
            <TableHead columns={[columns.volunteer, columns.when, columns.where, columns.reason, columns.audits]} />
            <tbody>
              {volunteers.map(({ volunteerId, nickname, quarantine, auditsPassed, auditsFailed }) => (
                <tr key={volunteerId}>
                  <td title={volunteerId}>{nickname}</td>
                  <td>{quarantine === null ? "" : ago(quarantine.atMs, nowMs)}</td>
                  <td>{quarantine === null ? "" : texts.where(quarantine.roundIndex)}</td>
                  <td>{quarantine?.reason}</td>
                  <td>{texts.audits(auditsPassed, auditsFailed)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </section>
  );
}
