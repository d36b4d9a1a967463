/** How tables of coded accuracy show it: the papers' A_overall and A_degraded beside the model's own. */
import type { Column } from "./measurement.ts";

export const ACCURACY_COLUMNS: readonly Column[] = [
  { key: "base", title: "base", digits: 4 },
  { key: "overall", title: "A_overall", digits: 4 },
  { key: "degraded", title: "A_degraded", digits: 4 },
];

/** Continues a sentence that names the schemes whose every answer is one. */
export const DEGRADED_NOTE = "A_degraded: share of right labels among answers that are estimates";
