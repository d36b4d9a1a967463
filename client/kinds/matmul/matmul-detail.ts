import type { MatmulJobView } from "../../../shared/kinds/matmul/job-view.ts";
import type { MatmulReceipt } from "../../../shared/kinds/matmul/receipt.ts";
import type { ParitabClient } from "../../../shared/sdk/paritab-client.ts";

export interface MatmulDetail {
  /** null until the job has ended */
  readonly receipt: MatmulReceipt | null;
}

export function openMatmulDetail(client: ParitabClient) {
  let receipt: MatmulReceipt | null = null;
  return async ({ jobId, finishedMs }: MatmulJobView): Promise<MatmulDetail> => {
    // A receipt does not change any more.
    if (finishedMs !== null) receipt ??= await client.receiptOf("matmul", jobId).catch(() => null);
    return { receipt };
  };
}
