import { useRef, useState } from "preact/hooks";
import { areNamesKept } from "../../shared/inputs/column-order.ts";
import type { CsvColumns } from "../../shared/inputs/csv.ts";
import { likelyLabels } from "../../shared/inputs/label-texts.ts";
import type { TableKind } from "../../shared/inputs/table.ts";
import type { FrameFacts } from "../../shared/inputs/table-shape.ts";
import type { ParitabClient } from "../../shared/sdk/paritab-client.ts";
import { Field } from "../ui/field.tsx";
import { ColumnChoice } from "../ui/files/column-choice.tsx";
import { files as fileTexts } from "../ui/files/file-texts.ts";
import { columnsOf, fileKindOf, isTable, NUMBERS_ENDINGS, numbersFrom } from "../ui/files/numbers-file.ts";
import type { UploadedFile } from "./code-fields.ts";
import { codedTexts } from "./coded-texts.ts";

const texts = codedTexts.form.file;

interface UploadFieldProps {
  readonly label: string;
  readonly hint: string;
  readonly client: ParitabClient;
  readonly file: UploadedFile;
  readonly problem: string | undefined;
  /** How a table is read. */
  readonly kind?: TableKind;
  onChange(file: UploadedFile): void;
  /** Where a column of a table may hold y: is told what became of it; null: it is in a file of its own. */
  onLabels?(labels: UploadedFile | null): void;
}

interface Chosen {
  readonly file: File;
  readonly columns: CsvColumns | null;
  readonly labelColumn: string | null;
}

/** A `.npy`, CSV or Parquet file that goes up as soon as it is chosen; what the coordinator says of it stands beside it. */
export function UploadField({ label, hint, client, file, problem, kind = {}, onChange, onLabels }: UploadFieldProps) {
  const turn = useRef(0);
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const [notes, setNotes] = useState<readonly string[]>([]);

  async function choose(picked: File | null): Promise<void> {
    if (picked === null) {
      if (chosen?.labelColumn != null) onLabels?.(null);
      setChosen(null);
      turn.current++;
      onChange({ kind: "none" });
      return;
    }
    const mayHaveLabels = onLabels !== undefined && isTable(fileKindOf([picked]));
    const found = mayHaveLabels ? await columnsOf(picked).catch(() => null) : null;
    const columns = found !== null && found.count > 1 ? found : null;
    const labelColumn = columns === null ? null : likelyLabels(columns);
    await send({ file: picked, columns, labelColumn });
  }

  async function send(next: Chosen): Promise<void> {
    const { file: picked, labelColumn } = next;
    if (labelColumn !== null) onLabels?.({ kind: "uploading", fileName: picked.name });
    else if (chosen?.labelColumn != null) onLabels?.(null);
    setChosen(next);
    const ownTurn = ++turn.current;
    // Another file, or another column, may have been chosen before this one is up.
    const isCurrent = () => ownTurn === turn.current;
    onChange({ kind: "uploading", fileName: picked.name });
    setNotes([]);
    try {
      const { npy, labels, columnNames, notes: said, frame } = await numbersFrom([picked], { labelColumn, ...kind });
      const rows = await uploaded(client, npy, columnNames, frame);
      const ofLabels = labels === null ? null : await uploaded(client, labels);
      if (!isCurrent()) return;
      onChange(rows);
      setNotes(said);
      if (ofLabels !== null) onLabels?.(ofLabels);
    } catch (error) {
      if (!isCurrent()) return;
      onChange({ kind: "refused", message: (error as Error).message });
      if (labelColumn !== null) onLabels?.(null);
    }
  }

  return (
    <>
      <Field label={label} hint={hint} problem={file.kind === "refused" ? file.message : problem}>
        {(ids) => (
          <>
            <input
              {...ids}
              type="file"
              accept={NUMBERS_ENDINGS}
              onChange={({ currentTarget }) => void choose(currentTarget.files?.[0] ?? null)}
            />
            <span class="hint" role="status">
              {file.kind === "uploading" && `${texts.uploading} ${file.fileName}`}
              {file.kind === "there" && texts.uploaded(file.shape, file.dtype)}
            </span>
          </>
        )}
      </Field>
      {notes.map((note) => (
        <p key={note} class="note">
          {note}
        </p>
      ))}
      {chosen !== null && chosen.columns !== null && (
        <ColumnChoice
          label={fileTexts.targetColumn}
          none={fileTexts.noTargetColumn}
          columns={chosen.columns}
          chosen={chosen.labelColumn}
          choose={(labelColumn) => void send({ ...chosen, labelColumn })}
        />
      )}
    </>
  );
}

async function uploaded(
  client: ParitabClient,
  npy: File,
  names: readonly string[] | null = null,
  frame?: FrameFacts,
): Promise<UploadedFile> {
  const { tensorSha256, shape, dtype } = await client.uploadTensor(npy);
  const columnNames = names !== null && areNamesKept(names) ? { columnNames: names } : {};
  return { kind: "there", sha256: tensorSha256, shape, dtype, ...columnNames, ...(frame !== undefined && { frame }) };
}
