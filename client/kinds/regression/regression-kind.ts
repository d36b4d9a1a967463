import type { RegressionJobView } from "../../../shared/kinds/regression/job-view.ts";
import { iterationsOf } from "../../../shared/kinds/regression/kind.ts";
import { CODED_ASSIGNMENTS } from "../../coded/coded-assignment-words.ts";
import { plural } from "../../ui/plural.ts";
import { count } from "../../ui/units.ts";
import type { KindFacts } from "../kind-facts.ts";

export const regression: KindFacts<RegressionJobView> = {
  name: "Regression",
  progressOf: (job) => (iterationsOf(job) === 0 ? 0 : job.iteration / iterationsOf(job)),
  assignments: CODED_ASSIGNMENTS,
  progressWords: (done, all) => `${count(done)} of ${plural(all, "training step", "training steps")}`,
  pages: async () => (await import("./regression-pages.tsx")).regressionPages,
};
