import type { ComponentChildren } from "preact";

interface Column<Row> {
  readonly head: ComponentChildren;
  /** head: it names its row. number: it stands on the right, below its name. */
  readonly sort: "text" | "number" | "head";
  cell(row: Row, place: number): ComponentChildren;
  /** Says more where one points at it. */
  title?(row: Row): string | undefined;
}

/** Makes columns; of.number(head, cell) and so on. */
interface ColumnMaker<Row> {
  text(head: ComponentChildren, cell: Column<Row>["cell"], title?: Column<Row>["title"]): Column<Row>;
  number(head: ComponentChildren, cell: Column<Row>["cell"]): Column<Row>;
  head(head: ComponentChildren, cell: Column<Row>["cell"], title?: Column<Row>["title"]): Column<Row>;
}

const MAKER: ColumnMaker<never> = {
  text: (head, cell, title) => ({ head, sort: "text", cell, ...(title === undefined ? {} : { title }) }),
  number: (head, cell) => ({ head, sort: "number", cell }),
  head: (head, cell, title) => ({ ...MAKER.text(head, cell, title), sort: "head" }),
};

interface TableProps<Row> {
  readonly label: string;
  readonly caption?: string;
  readonly class?: string;
  readonly rows: readonly Row[];
  columns(of: ColumnMaker<Row>): readonly Column<Row>[];
  /** Absent: a row is known by its place. */
  keyOf?(row: Row): string | number;
  classOf?(row: Row): string | undefined;
  /** Which row is looked at. */
  isCurrent?(row: Row, place: number): boolean;
}

/** With so many columns a table is wider than a phone: there each of its rows becomes a card. */
const COLUMNS_OF_CARDS = 4;

/** A table in its own frame. On a phone its rows are cards if it has many columns; else it moves inside its frame where it is wider. */
export function DataTable<Row>({ label, caption, rows, keyOf, classOf, isCurrent, ...props }: TableProps<Row>) {
  const columns = props.columns(MAKER as ColumnMaker<Row>);
  const classes = [props.class, columns.length >= COLUMNS_OF_CARDS && "cards"].filter(Boolean).join(" ");
  return (
    <Scroll label={label}>
      <table class={classes === "" ? undefined : classes}>
        {caption !== undefined && <caption>{caption}</caption>}
        <thead>
          <tr>
            {columns.map(({ head, sort }, i) => (
              <th key={i} scope="col" class={sort === "number" ? "number" : undefined}>
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, place) => (
            <tr
              key={keyOf?.(row) ?? place}
              class={classOf?.(row)}
              aria-current={isCurrent?.(row, place) ? "step" : undefined}
            >
              {columns.map(({ head, sort, cell, title }, i) =>
                sort === "head" ? (
                  <th key={i} scope="row" title={title?.(row)}>
                    {cell(row, place)}
                  </th>
                ) : (
                  <td
                    key={i}
                    class={sort === "number" ? "number" : undefined}
                    title={title?.(row)}
                    data-head={typeof head === "string" ? head : undefined}
                  >
                    {cell(row, place)}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

/** What is wider than a phone moves inside its own frame, by keyboard too; the page itself never scrolls sideways. */
function Scroll({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: the section round it is a landmark already, this is a part of it
    // biome-ignore lint/a11y/noNoninteractiveTabindex: only what has the focus can be scrolled from the keyboard
    <div class="scroll" role="group" aria-label={label} tabIndex={0}>
      {children}
    </div>
  );
}
