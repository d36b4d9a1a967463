import { Scroll } from "../../../../ui/scroll.tsx";
import { TableHead } from "../../../../ui/table-head.tsx";
import { preview as texts } from "../submit-texts.ts";
import type { Preview, PreviewState } from "./preview-data.ts";
import { rowFormOf, rowOf } from "./query-rows.ts";
import { QueryView } from "./query-view.tsx";

const COLUMNS_SHOWN = 8;
const ROWS_SHOWN = 5;

/** What is about to be submitted: digits as pictures, anything else as a table of its first numbers. */
export function DataPreview({ state }: { state: PreviewState }) {
  if (state.kind === "nothing") return null;
  return (
    <section class="preview" aria-label={texts.title} data-testid="preview">
      {state.kind === "reading" && <p class="hint">{texts.reading}</p>}
      {state.kind === "too-large" && <p class="hint">{texts.tooLarge}</p>}
      {state.kind === "failed" && <p class="note error">{state.message}</p>}
      {state.kind === "there" && <Rows preview={state.preview} />}
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
    <Scroll label={texts.title}>
      <table class="numbers">
        <TableHead
          columns={[
            texts.row,
            ...Array.from({ length: columns }, (_, column) => ({ numbers: texts.number(column) })),
            ...(size > columns ? ["…"] : []),
          ]}
        />
        <tbody>
          {Array.from({ length: shown }, (_, row) => (
            <tr key={row}>
              <th scope="row">
                {row}
                {labels?.[row] !== undefined && `, ${texts.label(labels[row])}`}
              </th>
              {rowOf(rows, row)
                .slice(0, columns)
                .map((value, column) => (
                  <td key={column} class="number">
                    {Number(value.toPrecision(4))}
                  </td>
                ))}
              {size > columns && <td>…</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}
