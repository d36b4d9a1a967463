import type { MatmulJobView } from "../../../shared/kinds/matmul/job-view.ts";
import { CODED_ASSIGNMENTS } from "../../coded/coded-assignment-words.ts";
import { plural } from "../../ui/plural.ts";
import { count } from "../../ui/units.ts";
import type { KindFacts } from "../kind-facts.ts";

export const matmul: KindFacts<MatmulJobView> = {
  name: "Product of matrices",
  progressOf: ({ slices, slicesDone }) => (slices === 0 ? 0 : slicesDone / slices),
  assignments: CODED_ASSIGNMENTS,
  progressWords: (done, all) => `${count(done)} of ${plural(all, "slice of the product", "slices of the product")}`,
  pages: async () => (await import("./matmul-pages.tsx")).matmulPages,
};
