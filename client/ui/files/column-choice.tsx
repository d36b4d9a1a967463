import type { CsvColumns } from "../../../shared/inputs/csv.ts";
import { Field } from "../field.tsx";
import { files as texts } from "./file-texts.ts";

interface ColumnChoiceProps {
  readonly label: string;
  /** What the first choice is called: that there is no such column. */
  readonly none: string;
  readonly columns: CsvColumns;
  readonly chosen: string | null;
  choose(column: string | null): void;
}

/** Which column of a table holds the labels. */
export function ColumnChoice({ label, none, columns, chosen, choose }: ColumnChoiceProps) {
  const places = Array.from({ length: columns.count }, (_, place) => String(place));
  return (
    <Field label={label} hint={texts.labelColumnHint}>
      {(ids) => (
        <select {...ids} value={chosen ?? ""} onChange={({ currentTarget }) => choose(currentTarget.value || null)}>
          <option value="">{none}</option>
          {places.map((place) => (
            <option key={place} value={place}>
              {columns.names?.[Number(place)] ?? texts.column(Number(place))}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}
