import { avccWorkerCount } from "../lagrange-thresholds.ts";
import type { CodedSchemeDefinition } from "./coded-scheme.ts";

/** Verified coded computing without dynamic coding: Tang et al., arXiv 2107.12958, section 4. */
export const avccStaticRun: CodedSchemeDefinition = {
  name: "avcc-static",
  shards: "lagrange",
  verification: "freivalds",
  volunteersNeeded: ({ threshold, stragglers, liars }) =>
    avccWorkerCount(threshold, { stragglerCount: stragglers, liarCount: liars }),
  hasSlack: true,
  isDynamic: false,
  words: {
    title: "avcc, static",
    means: "As avcc, but the code stays as it began.",
    trust: null,
  },
};
