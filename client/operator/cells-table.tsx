import type { CellView } from "../../shared/protocol/service-api.ts";
import { operatorTexts } from "../ui/operator-texts.ts";
import { DataTable } from "../ui/table.tsx";
import { count, duration } from "../ui/units.ts";

const texts = operatorTexts.cells;

/** The coordinators of the service, a line each: how it is with each of them, and who goes on with the jobs of those that are gone. */
export function CellsTable({ cells }: { cells: readonly CellView[] }) {
  const { columns } = texts;
  const versions = new Set(cells.filter(isThere).map(({ version }) => version));
  return (
    <section class="panel" aria-labelledby="cells-title">
      <h2 id="cells-title">{texts.title}</h2>
      <p class="hint">{texts.hint}</p>
      <DataTable
        label={texts.title}
        rows={cells}
        columns={(of) => [
          of.head(columns.name, ({ name, isOwn }: CellView) => (
            <>
              {name === "" ? texts.unnamed : name}
              {isOwn && <div class="hint">{texts.own}</div>}
            </>
          )),
          of.text(columns.state, (cell) => (
            <>
              <span class={cell.state === "silent" || cell.state === "gone" ? "tag tag-bad" : "tag"}>{cell.state}</span>
              <div class="hint">{remarkOf(cell)}</div>
            </>
          )),
          of.number(columns.tabs, (cell) => (isThere(cell) ? texts.tabsText(cell.tabsReady, cell.tabs) : "")),
          of.number(columns.jobs, (cell) => (isThere(cell) ? count(cell.jobs) : "")),
          of.number(columns.up, ({ upMs }) => (upMs === null ? "" : duration(upMs))),
        ]}
      />
      {versions.size > 1 && <p class="note warn">{texts.versions}</p>}
    </section>
  );
}

const isThere = ({ state }: CellView): boolean => state !== "gone" && state !== "stopped";

function remarkOf({ state, heardAgoMs, takeoverInMs, takenOverBy }: CellView): string | null {
  if (state === "silent") return texts.silent(heardAgoMs, takeoverInMs ?? 0);
  if (state === "gone") return texts.gone(heardAgoMs, takenOverBy);
  return state === "stopped" ? texts.stopped(heardAgoMs) : null;
}
