import { useRef } from "preact/hooks";
import type { ParitabClient } from "../../../shared/sdk/paritab-client.ts";
import { Field } from "../../ui/field.tsx";
import { training } from "../../ui/training-texts.ts";
import type { UploadedFile } from "./coded-form.ts";

const texts = training.form.data;

interface UploadFieldProps {
  readonly label: string;
  readonly hint: string;
  readonly client: ParitabClient;
  readonly file: UploadedFile;
  readonly problem: string | undefined;
  onChange(file: UploadedFile): void;
}

/** A `.npy` file that goes up as soon as it is chosen; what the coordinator says of it stands beside it. */
export function UploadField({ label, hint, client, file, problem, onChange }: UploadFieldProps) {
  const chosen = useRef(0);

  async function choose(picked: File | null): Promise<void> {
    const choice = ++chosen.current;
    // Another file may have been chosen before this one is up.
    const tell = (next: UploadedFile) => choice === chosen.current && onChange(next);
    if (picked === null) {
      tell({ kind: "none" });
      return;
    }
    tell({ kind: "uploading", fileName: picked.name });
    try {
      const { tensorSha256, shape, dtype } = await client.uploadTensor(picked);
      tell({ kind: "there", sha256: tensorSha256, shape, dtype });
    } catch (error) {
      tell({ kind: "refused", message: (error as Error).message });
    }
  }

  return (
    <Field label={label} hint={hint} problem={file.kind === "refused" ? file.message : problem}>
      {(ids) => (
        <>
          <input
            {...ids}
            type="file"
            accept=".npy"
            onChange={({ currentTarget }) => void choose(currentTarget.files?.[0] ?? null)}
          />
          <span class="hint" role="status">
            {file.kind === "uploading" && `${texts.uploading} ${file.fileName}`}
            {file.kind === "there" && texts.uploaded(file.shape, file.dtype)}
          </span>
        </>
      )}
    </Field>
  );
}
