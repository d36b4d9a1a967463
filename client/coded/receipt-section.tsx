import type { MatmulReceipt } from "../../shared/kinds/matmul/receipt.ts";
import type { RegressionReceipt } from "../../shared/kinds/regression/receipt.ts";
import { matmul } from "../kinds/matmul/matmul-texts.ts";
import { training } from "../ui/training-texts.ts";
import { checkingWords, isAlarming } from "./receipt-words.ts";

const texts = training.receipt;

/** What was computed, how it was checked, and what that is worth: the receipt for people. */
export function ReceiptSection({ receipt }: { receipt: RegressionReceipt | MatmulReceipt }) {
  const { kind, code, endKind, endReason, submission } = receipt;
  const steps = receipt.kind === "regression" ? receipt.iterations : receipt.slices;
  const { privacy } = kind === "regression" ? training : matmul;
  return (
    <section class="receipt" aria-label={texts.title} data-testid="receipt">
      <h4>{texts.title}</h4>
      <dl>
        <div>
          <dt>{texts.computed}</dt>
          <dd>
            {texts.computedText(kind, steps, endKind, endReason)}{" "}
            {texts.codeText(code.volunteerCount, code.shardCount, code.blockCount, code.redundancy)}
            {submission.colluders > 0 && (
              <p>{`${texts.points(receipt.pointsIssued)} ${privacy(submission.colluders)}`}</p>
            )}
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
              {hashesOf(receipt).map(([name, hash]) => (
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

function hashesOf(receipt: RegressionReceipt | MatmulReceipt): [string, string][] {
  const { hashNames: names, noWeights, noProduct } = texts;
  if (receipt.kind === "matmul") {
    return [
      [names.left, receipt.leftSha256],
      [names.right, receipt.rightSha256],
      [names.product, receipt.productSha256 ?? noProduct],
    ];
  }
  return [
    [names.features, receipt.featuresSha256],
    [names.labels, receipt.labelsSha256],
    [names.weights, receipt.weightsSha256 ?? noWeights],
  ];
}
