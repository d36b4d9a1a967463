import { useState } from "preact/hooks";
import { sha256Hex } from "../../session/sha256-hex.ts";
import { Field } from "../field.tsx";
import { receiptPage } from "../receipt-texts.ts";

const texts = receiptPage.hashes;

/** Compares a file of whoever holds the receipt with the fingerprints in it. */
export function HashCheck({ hashes }: { hashes: readonly (readonly [name: string, sha256: string | null])[] }) {
  const [verdict, setVerdict] = useState("");

  async function look(file: File | null): Promise<void> {
    if (file === null) return setVerdict("");
    const sha256 = await sha256Hex(await file.arrayBuffer());
    const found = hashes.find(([, hash]) => hash === sha256);
    setVerdict(found === undefined ? texts.foreign : texts.matches(found[0]));
  }

  if (!isSecureContext) return <p class="hint no-print">{texts.noHashing}</p>;
  return (
    <div class="no-print">
      <Field label={texts.file} hint={texts.fileHint}>
        {(ids) => (
          <input {...ids} type="file" onChange={({ currentTarget }) => void look(currentTarget.files?.[0] ?? null)} />
        )}
      </Field>
      <p role="status">{verdict}</p>
    </div>
  );
}
