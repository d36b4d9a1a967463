import { codedTexts } from "./coded-texts.ts";
import type { AnyCodedReceipt, ReceiptParts } from "./coded-words.ts";
import { checkingWords, isAlarming } from "./receipt-words.ts";

const texts = codedTexts.receipt;

interface ReceiptSectionProps {
  readonly receipt: AnyCodedReceipt;
  readonly parts: ReceiptParts;
}

/** What was computed, how it was checked, and what that is worth: the receipt for people. */
export function ReceiptSection({
  receipt,
  parts: { words, steps, files, numbers, rounding, absent },
}: ReceiptSectionProps) {
  const { code, endKind, endReason, submission } = receipt;
  return (
    <section class="receipt" aria-label={texts.title} data-testid="receipt">
      <h2>{texts.title}</h2>
      <dl>
        <div>
          <dt>{texts.computed}</dt>
          <dd>
            {texts.computedText(words.step, steps, endKind, endReason)}{" "}
            {texts.codeText(code.volunteerCount, code.shardCount, code.blockCount, code.redundancy)}
            {submission.colluders > 0 && (
              <p>{`${texts.points(receipt.pointsIssued)} ${words.privacy(submission.colluders)}`}</p>
            )}
          </dd>
        </div>
        {rounding.length > 0 && (
          <div>
            <dt>{texts.rounded}</dt>
            <dd>{rounding.join(" ")}</dd>
          </div>
        )}
        <div>
          <dt>{texts.checked}</dt>
          <dd class={isAlarming(receipt) ? "note warn" : undefined}>{checkingWords(receipt, words).join(" ")}</dd>
        </div>
        <div>
          <dt>{texts.hashes}</dt>
          <dd>
            <ul class="hashes">
              {[...files, ...numbers].map(([name, hash]) => (
                <li key={name}>
                  {name} <code>{hash ?? absent}</code>
                </li>
              ))}
            </ul>
          </dd>
        </div>
      </dl>
    </section>
  );
}
