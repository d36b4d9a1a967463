import type { MatmulJobView } from "../../../shared/kinds/matmul/job-view.ts";
import type { KindFacts } from "../kind-facts.ts";

export const matmul: KindFacts<MatmulJobView> = {
  name: "Product of matrices",
  progressOf: ({ slices, slicesDone }) => (slices === 0 ? 0 : slicesDone / slices),
  pages: async () => (await import("./matmul-pages.tsx")).matmulPages,
};
