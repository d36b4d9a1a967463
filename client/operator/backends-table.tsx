import type { SessionView } from "../../shared/protocol/crowd-api.ts";
import { operatorTexts } from "../ui/operator-texts.ts";
import { DataTable } from "../ui/table.tsx";
import { count, duration } from "../ui/units.ts";
import { backendRows } from "./figures.ts";

const texts = operatorTexts.backends;

export function BackendsTable({ sessions }: { sessions: readonly SessionView[] }) {
  const rows = backendRows(sessions);
  const { columns } = texts;
  return (
    <section class="panel" aria-labelledby="backends-title">
      <h2 id="backends-title">{texts.title}</h2>
      {rows.length === 0 && <p class="hint">{texts.none}</p>}
      {rows.length > 0 && (
        <DataTable
          label={texts.title}
          rows={rows}
          keyOf={({ backend, precision }) => `${backend} ${precision}`}
          columns={(of) => [
            of.text(columns.backend, ({ backend, precision }) => texts.name(backend, precision)),
            of.number(columns.tabs, ({ tabs }) => count(tabs)),
            of.number(columns.median, (row) =>
              row.responseMsMedian === null ? texts.unmeasured : duration(row.responseMsMedian),
            ),
            of.number(columns.verified, ({ verified }) => count(verified)),
            of.number(columns.late, ({ late }) => count(late)),
          ]}
        />
      )}
    </section>
  );
}
