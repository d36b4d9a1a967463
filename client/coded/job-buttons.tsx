/** Buttons that every coded job has. */

import type { MatmulReceipt } from "../../shared/kinds/matmul/receipt.ts";
import type { RegressionReceipt } from "../../shared/kinds/regression/receipt.ts";
import { saveFile } from "../ui/jobs/save-file.ts";
import { dashboard } from "../ui/texts.ts";
import { training } from "../ui/training-texts.ts";

export function CancelButton({ name, busy, onClick }: { name: string; busy: boolean; onClick(): void }) {
  const texts = dashboard.jobs;
  return (
    <button type="button" class="small" disabled={busy} aria-label={texts.cancelNamed(name)} onClick={onClick}>
      {texts.cancel}
    </button>
  );
}

export function ReceiptButton({ name, onClick }: { name: string; onClick(): void }) {
  const texts = training.job;
  return (
    <button type="button" class="link" aria-label={texts.receiptNamed(name)} onClick={onClick}>
      {texts.receipt}
    </button>
  );
}

export function saveReceipt(receipt: RegressionReceipt | MatmulReceipt): void {
  const text = JSON.stringify(receipt, null, 2);
  saveFile(new Blob([text], { type: "application/json" }), `${receipt.jobId}-receipt.json`);
}
