/** A receipt checks itself in the browser of whoever reads it: the same code as `paritab verify`. */
import { useState } from "preact/hooks";
import type { Receipt as AnyReceipt } from "../../shared/kinds/kinds.ts";
import type { CheckedReceipt } from "../../shared/receipts/checked-receipt.ts";
import { ParitabApiError } from "../../shared/sdk/paritab-api-error.ts";
import type { ParitabClient } from "../../shared/sdk/paritab-client.ts";
import { saveFile } from "../ui/jobs/save-file.ts";
import { receiptPage } from "../ui/receipt-texts.ts";
import { useAsked } from "../ui/use-asked.ts";

const texts = receiptPage.checks;
/** Larger ones are fetched and checked when somebody asks for it. */
const ANSWERS_CHECKED_AT_ONCE_MAX = 100_000;

export function ReceiptChecks({ client, receipt }: { client: ParitabClient; receipt: AnyReceipt }) {
  const [isWanted, setIsWanted] = useState(isSmall(receipt));
  const { jobId } = receipt;
  const asked = useAsked(isWanted ? [client, jobId] : null, (signal) => checkedHere(client, receipt, signal));
  return (
    <section aria-label={texts.title} data-testid="receipt-checks">
      <h2>{texts.title}</h2>
      {asked.kind === "nothing" && (
        <button type="button" class="small no-print" onClick={() => setIsWanted(true)}>
          {texts.check}
        </button>
      )}
      {asked.kind === "asking" && <p class="hint">{texts.checking}</p>}
      {asked.kind === "failed" && <p class="note error">{texts.failed(asked.message)}</p>}
      {asked.kind === "there" &&
        (asked.value === null ? <p>{texts.unsigned}</p> : <Checked jobId={jobId} {...asked.value} />)}
    </section>
  );
}

interface CheckedHere {
  readonly signed: Uint8Array<ArrayBuffer>;
  readonly lines: readonly { readonly state: keyof typeof texts.signs; readonly text: string }[];
  readonly paragraph: string;
  /** null: there is nothing to quote. */
  readonly quote: string | null;
  readonly badge: string;
}

function Checked({ jobId, signed, lines, paragraph, quote, badge }: CheckedHere & { jobId: string }) {
  const saveBadge = () => saveFile(new Blob([badge], { type: "image/svg+xml" }), `${jobId}-receipt.svg`);
  const saveSigned = () => saveFile(new Blob([signed], { type: "application/json" }), `${jobId}-signed-receipt.json`);
  return (
    <>
      <ul class="hashes">
        {lines.map(({ state, text }) => (
          <li key={text} class={state === "broken" ? "warned" : undefined}>
            <span role="img" aria-label={texts.signs[state].name}>
              {texts.signs[state].sign}
            </span>{" "}
            {text}
          </li>
        ))}
      </ul>
      <p>{paragraph}</p>
      {quote !== null && <blockquote>{quote}</blockquote>}
      <div class="buttons no-print">
        <button type="button" class="small" onClick={saveSigned}>
          {texts.saveSigned}
        </button>
        <button type="button" class="small" onClick={saveBadge}>
          {texts.saveBadge}
        </button>
      </div>
      <p class="hint no-print">{texts.elsewhere}</p>
    </>
  );
}

function isSmall(receipt: AnyReceipt): boolean {
  return receipt.kind !== "inference" || receipt.answers.queryCount <= ANSWERS_CHECKED_AT_ONCE_MAX;
}

/** null: it is not signed. */
async function checkedHere(
  client: ParitabClient,
  receipt: AnyReceipt,
  signal: AbortSignal,
): Promise<CheckedHere | null> {
  const { jobId, kind } = receipt;
  const signed = await client.signedReceipt(jobId, signal).catch((error: unknown) => {
    if (error instanceof ParitabApiError && error.code === "unsigned") return null;
    throw error;
  });
  if (signed === null) return null;
  const [{ checkReceipt }, { CHECKS }, words, quotes] = await Promise.all([
    import("../../shared/receipts/check-receipt.ts"),
    import("../../shared/receipts/findings.ts"),
    import("../../shared/receipts/receipt-words.ts"),
    import("../../shared/receipts/receipt-badge.ts"),
  ]);
  const checked: CheckedReceipt = await checkReceipt({
    receipt: signed,
    answers: kind === "inference" ? await client.answersFile(jobId, "npy", signal) : null,
    file: (name) => client.receiptFile(jobId, name, signal),
    pinnedKey: null,
    pinnedCommitment: null,
  });
  const { findings } = checked;
  return {
    signed,
    lines: findings.map(({ check, state, text }) => ({ state, text: `${CHECKS[check]}: ${text}` })),
    paragraph: words.receiptParagraph(checked, findings, 0),
    quote: quotes.receiptQuote(checked, findings),
    badge: quotes.receiptBadge(checked, findings),
  };
}
