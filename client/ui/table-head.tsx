/** What heads a column: its name, or of a column of numbers its name to stand above them, on the right. */
export type ColumnName = string | { readonly numbers: string };

/** The first row of a table. */
export function TableHead({ columns }: { columns: readonly ColumnName[] }) {
  return (
    <thead>
      <tr>
        {columns.map((column, i) =>
          typeof column === "string" ? (
            <th key={i} scope="col">
              {column}
            </th>
          ) : (
            <th key={i} scope="col" class="number">
              {column.numbers}
            </th>
          ),
        )}
      </tr>
    </thead>
  );
}
