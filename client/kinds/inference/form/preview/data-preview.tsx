import { DataTable } from "../../../../ui/table.tsx";
import type { Asked } from "../../../../ui/use-asked.ts";
import { preview as texts } from "../submit-texts.ts";
import { type Preview, type PreviewFound, previewIn } from "./preview-data.ts";
import { rowFormOf, rowOf } from "./query-rows.ts";
import { QueryView } from "./query-view.tsx";

const COLUMNS_SHOWN = 8;
const ROWS_SHOWN = 5;

/** What is about to be submitted, and what is wrong with it: digits as pictures, anything else as a table of its first numbers. */
export function DataPreview({ asked, problem }: { asked: Asked<PreviewFound>; problem: string | null }) {
  if (asked.kind === "nothing" || (asked.kind === "there" && asked.value === null)) return null;
  const preview = previewIn(asked);
  return (
    <section class="preview" aria-label={texts.title} data-testid="preview">
      {asked.kind === "asking" && <p class="hint">{texts.reading}</p>}
      {asked.kind === "there" && asked.value === "too-large" && <p class="hint">{texts.tooLarge}</p>}
      {asked.kind === "failed" && <p class="note error">{asked.message}</p>}
      {problem !== null && (
        <p class="note error" role="status">
          {problem}
        </p>
      )}
      {preview !== null && <Rows preview={preview} />}
    </section>
  );
}

function Rows({ preview }: { preview: Preview }) {
  const { rows, queryCount, labels, labelCount } = preview;
  const [shown = 0, ...shape] = rows.shape;
  return (
    <>
      <p class="hint">
        {texts.shape(queryCount, shape, rows.dtype)}.{" "}
        {rowFormOf(rows.shape).kind === "picture" && texts.shown(shown, queryCount)}
      </p>
      {rowFormOf(rows.shape).kind === "picture" ? (
        <ul class="pictures">
          {Array.from({ length: shown }, (_, row) => (
            <li key={row}>
              <QueryView array={rows} row={row} label={texts.query(row)} />
              {labels?.[row] !== undefined && <span class="hint">{texts.label(labels[row])}</span>}
            </li>
          ))}
        </ul>
      ) : (
        <NumberTable preview={preview} />
      )}
      {labelCount !== null && labelCount !== queryCount && (
        <p class="note error">{texts.labelsDiffer(labelCount, queryCount)}</p>
      )}
    </>
  );
}

function NumberTable({ preview: { rows, labels } }: { preview: Preview }) {
  const shown = Math.min(rows.shape[0] ?? 0, ROWS_SHOWN);
  const size = rowOf(rows, 0).length;
  const columns = Math.min(size, COLUMNS_SHOWN);
  return (
    <DataTable
      label={texts.title}
      class="numbers"
      rows={Array.from({ length: shown }, (_, row) => rowOf(rows, row))}
      columns={(of) => [
        of.head(texts.row, (_values, row) =>
          labels?.[row] === undefined ? row : `${row}, ${texts.label(labels[row])}`,
        ),
        ...Array.from({ length: columns }, (_, column) =>
          of.number(texts.number(column), (values) => Number(values[column]!.toPrecision(4))),
        ),
        ...(size > columns ? [of.text("…", () => "…")] : []),
      ]}
    />
  );
}
