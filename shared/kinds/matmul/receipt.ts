/** GET /api/jobs/:jobId/receipt.json of a product of matrices that has ended. */
import type { CodedReceipt } from "../../coded/receipt.ts";
import type { MatmulSubmission } from "./submission.ts";

/** `columns` is the inner size. */
export interface MatmulReceipt extends CodedReceipt {
  kind: "matmul";
  submission: MatmulSubmission;
  leftSha256: string;
  rightSha256: string;
  slices: number;
  /** Of the numbers of product.npy (rows x columns x F64); null: there is no whole product. */
  productSha256: string | null;
}
