import type { AuditorView } from "../../shared/protocol/auditor-api.ts";
import { useNow } from "../ui/now.ts";
import { operatorTexts } from "../ui/operator-texts.ts";
import { DataTable } from "../ui/table.tsx";
import { ago, count } from "../ui/units.ts";

const texts = operatorTexts.auditors;

/** Machines of the operator's that compute the rows of checks. */
export function AuditorsTable({ auditors }: { auditors: readonly AuditorView[] }) {
  const nowMs = useNow(5_000);
  const { columns } = texts;
  return (
    <section class="panel" aria-labelledby="auditors-title">
      <h2 id="auditors-title">{texts.title}</h2>
      <DataTable
        label={texts.title}
        rows={auditors}
        keyOf={({ auditorId }) => auditorId}
        columns={(of) => [
          of.text(columns.name, ({ name, sinceMs, dismissedFor }: AuditorView) => (
            <>
              {name}
              <div class="hint">
                {dismissedFor === null ? texts.came(ago(sinceMs, nowMs)) : texts.dismissed(dismissedFor)}
              </div>
            </>
          )),
          of.number(columns.seats, ({ seats }) => count(seats)),
          of.number(columns.rows, ({ rows }) => count(rows)),
          of.number(columns.checked, ({ checkedPieces }) => count(checkedPieces)),
        ]}
      />
    </section>
  );
}
