import type { GradientReceipt } from "../../../shared/protocol/gradient-api.ts";
import { training } from "../../ui/training-texts.ts";
import { checkingWords, isAlarming } from "./receipt-words.ts";

const texts = training.receipt;

/** What was computed, how it was checked, and what that is worth: the receipt for people. */
export function ReceiptSection({ receipt }: { receipt: GradientReceipt }) {
  const { code, iterations, endKind, endReason, submission } = receipt;
  const hashes: [string, string][] = [
    [texts.hashNames.features, receipt.featuresSha256],
    [texts.hashNames.labels, receipt.labelsSha256],
    [texts.hashNames.weights, receipt.weightsSha256 ?? texts.noWeights],
  ];
  return (
    <section class="receipt" aria-label={texts.title} data-testid="receipt">
      <h4>{texts.title}</h4>
      <dl>
        <div>
          <dt>{texts.computed}</dt>
          <dd>
            {texts.computedText(iterations, endKind, endReason)}{" "}
            {texts.codeText(code.volunteerCount, code.shardCount, code.blockCount, code.redundancy)}
            {submission.colluders > 0 && <p>{texts.points(receipt.pointsIssued, submission.colluders)}</p>}
          </dd>
        </div>
        <div>
          <dt>{texts.checked}</dt>
          <dd class={isAlarming(receipt) ? "note warn" : undefined}>{checkingWords(receipt).join(" ")}</dd>
        </div>
        <div>
          <dt>{texts.hashes}</dt>
          <dd>
            <ul class="hashes">
              {hashes.map(([name, hash]) => (
                <li key={name}>
                  {name} <code>{hash}</code>
                </li>
              ))}
            </ul>
          </dd>
        </div>
      </dl>
    </section>
  );
}
