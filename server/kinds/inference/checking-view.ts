/** How far a job's answers can be checked, as its view and its receipt have it. */
import type { InferenceJobView } from "../../../shared/kinds/inference/job-view.ts";
import type { SensitivityView } from "../../../shared/kinds/inference/sensitivity.ts";
import {
  amplification,
  type Sensitivity,
  standsHalfPrecision,
  tolerancesFor,
} from "../../../shared/verify/sensitivity.ts";
import type { StoredJob } from "./records.ts";

export function checkingView({
  sensitivity,
  unchecked,
  fixedOnly,
  suspended,
  asItCame,
  errors,
}: StoredJob): Pick<InferenceJobView, "sensitivity" | "errors" | "unchecked" | "fixedOnly" | "suspended" | "asItCame"> {
  return {
    ...(asItCame === undefined ? {} : { asItCame }),
    ...(errors === undefined || unchecked !== null ? {} : { errors }),
    ...(sensitivity === null ? {} : { sensitivity: sensitivityView(sensitivity) }),
    ...(unchecked === null ? {} : { unchecked }),
    ...(fixedOnly === undefined ? {} : { fixedOnly }),
    ...(suspended === null ? {} : { suspended: { sinceMs: suspended.atMs, reason: suspended.reason } }),
  };
}

function sensitivityView(sensitivity: Sensitivity): SensitivityView {
  const tolerance = tolerancesFor(sensitivity);
  const float16 = standsHalfPrecision(sensitivity) ? (tolerance?.float16 ?? null) : null;
  return {
    ...sensitivity,
    amplification: amplification(sensitivity),
    tolerance: tolerance && { float32: tolerance.float32, float16 },
  };
}
