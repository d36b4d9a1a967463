import type { RegressionJobView } from "../../../shared/kinds/regression/job-view.ts";
import { iterationsOf } from "../../../shared/kinds/regression/kind.ts";
import type { KindFacts } from "../kind-facts.ts";

export const regression: KindFacts<RegressionJobView> = {
  name: "Regression",
  progressOf: (job) => (iterationsOf(job) === 0 ? 0 : job.iteration / iterationsOf(job)),
  pages: async () => (await import("./regression-pages.tsx")).regressionPages,
};
