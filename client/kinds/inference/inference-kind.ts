import type { InferenceJobView } from "../../../shared/kinds/inference/job-view.ts";
import type { KindFacts } from "../kind-facts.ts";

export const inference: KindFacts<InferenceJobView> = {
  name: "Inference",
  progressOf: ({ queryCount, answersByMark }) => (queryCount === 0 ? 0 : 1 - answersByMark.missing / queryCount),
  auditsOf: ({ auditedRows, failedAudits, queryCount }) => ({
    rows: auditedRows,
    failed: failedAudits,
    queries: queryCount,
  }),
  rowsOf: ({ rows, queryCount }) =>
    rows && {
      ...{ waiting: rows.waiting, notFinalForMs: rows.notFinalForMs, rows: queryCount },
      ...{ trustedRows: rows.coordinatorRows, pricedRows: rows.price?.rows ?? 0 },
    },
  pages: async () => (await import("./inference-pages.tsx")).inferencePages,
};
