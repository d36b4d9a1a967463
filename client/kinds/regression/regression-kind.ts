import type { RegressionJobView } from "../../../shared/kinds/regression/job-view.ts";
import type { KindFacts } from "../kind-facts.ts";

export const regression: KindFacts<RegressionJobView> = {
  name: "Regression",
  progressOf: ({ iteration, iterations }) => (iterations === 0 ? 0 : iteration / iterations),
  pages: async () => (await import("./regression-pages.tsx")).regressionPages,
};
