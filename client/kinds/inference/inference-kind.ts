import type { InferenceJobView } from "../../../shared/kinds/inference/job-view.ts";
import { plural } from "../../ui/plural.ts";
import { count } from "../../ui/units.ts";
import type { KindFacts } from "../kind-facts.ts";

export const inference: KindFacts<InferenceJobView> = {
  name: "Inference",
  progressOf: ({ queryCount, answersByMark }) => (queryCount === 0 ? 0 : 1 - answersByMark.missing / queryCount),
  auditsOf: ({ auditedRows, failedAudits, queryCount }) => ({
    rows: auditedRows,
    failed: failedAudits,
    queries: queryCount,
  }),
  assignments: {
    batch: {
      title: "Computing",
      sentence: "Working on a batch of the job below.",
      what: "A trained network answers questions. You run a batch of them through it.",
    },
  },
  progressWords: (done, all) => `${count(done)} of ${plural(all, "answer", "answers")} final`,
  pages: async () => (await import("./inference-pages.tsx")).inferencePages,
};
