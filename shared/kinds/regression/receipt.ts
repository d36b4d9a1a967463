/** GET /api/jobs/:jobId/receipt.json of a regression that has ended. */
import type { CodedReceipt } from "../../coded/receipt.ts";
import type { RegressionSubmission } from "./submission.ts";

export interface RegressionReceipt extends CodedReceipt {
  kind: "regression";
  submission: RegressionSubmission;
  featuresSha256: string;
  labelsSha256: string;
  classes: number;
  iterations: number;
  /** Of the file that weights.npy serves; null: there are no weights. */
  weightsSha256: string | null;
}
