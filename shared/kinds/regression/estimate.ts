/** POST /api/estimates answers with this for a regression. */
import type { CodedEstimate } from "../../coded/estimate.ts";

export interface RegressionEstimate extends CodedEstimate {
  kind: "regression";
}
