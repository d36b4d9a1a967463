import type { SessionView } from "../../shared/protocol/crowd-api.ts";
import { operatorTexts } from "../ui/operator-texts.ts";
import { Scroll } from "../ui/scroll.tsx";
import { TableHead } from "../ui/table-head.tsx";
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
        <Scroll label={texts.title}>
          <table>
            <TableHead
              columns={[
                columns.backend,
                { numbers: columns.tabs },
                { numbers: columns.median },
                { numbers: columns.verified },
                { numbers: columns.late },
              ]}
            />
            <tbody>
              {rows.map((row) => (
                <tr key={`${row.backend} ${row.precision}`}>
                  <td>{texts.name(row.backend, row.precision)}</td>
                  <td class="number">{count(row.tabs)}</td>
                  <td class="number">
                    {row.responseMsMedian === null ? texts.unmeasured : duration(row.responseMsMedian)}
                  </td>
                  <td class="number">{count(row.verified)}</td>
                  <td class="number">{count(row.late)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </section>
  );
}
