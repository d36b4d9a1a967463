import type { VolunteerView } from "../../shared/protocol/crowd-api.ts";
import { useNow } from "../ui/now.ts";
import { DataTable } from "../ui/table.tsx";
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
        <DataTable
          label={texts.title}
          rows={volunteers}
          keyOf={({ volunteerId }) => volunteerId}
          columns={(of) => [
            of.text(
              columns.volunteer,
              ({ nickname }) => nickname,
              ({ volunteerId }) => volunteerId,
            ),
            of.text(columns.when, ({ quarantine }) => (quarantine === null ? "" : ago(quarantine.atMs, nowMs))),
            of.text(columns.where, ({ quarantine }) => (quarantine === null ? "" : texts.where(quarantine.roundIndex))),
            of.text(columns.reason, ({ quarantine }) => quarantine?.reason),
            of.text(columns.audits, ({ auditsPassed, auditsFailed }) => texts.audits(auditsPassed, auditsFailed)),
          ]}
        />
      )}
    </section>
  );
}
