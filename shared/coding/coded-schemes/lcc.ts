import { lccWorkerCount } from "../lagrange-thresholds.ts";
import type { CodedSchemeDefinition } from "./coded-scheme.ts";

/** Lagrange coded computing: Yu et al., arXiv 1806.00939, theorem 1. */
export const lccRun: CodedSchemeDefinition = {
  name: "lcc",
  shards: "lagrange",
  verification: "reed-solomon",
  volunteersNeeded: ({ threshold, stragglers, liars }) =>
    lccWorkerCount(threshold, { stragglerCount: stragglers, liarCount: liars }),
  hasSlack: true,
  isDynamic: false,
  words: {
    title: "lcc",
    means:
      "Wrong results are corrected from the others. Costs twice as many spare tabs for each liar, and believes what it cannot correct.",
    trust: "Wrong results are corrected only while at most M tabs lie; beyond that they are believed.",
  },
};
