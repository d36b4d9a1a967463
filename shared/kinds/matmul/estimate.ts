/** POST /api/estimates answers with this for a product of matrices. */
import type { CodedEstimate } from "../../coded/estimate.ts";

export interface MatmulEstimate extends CodedEstimate {
  kind: "matmul";
}
