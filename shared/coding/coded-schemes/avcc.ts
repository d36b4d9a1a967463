import { avccStaticRun } from "./avcc-static.ts";
import type { CodedSchemeDefinition } from "./coded-scheme.ts";

/** Verified coded computing with dynamic coding: Tang et al., arXiv 2107.12958, section 4. */
export const avccRun: CodedSchemeDefinition = {
  ...avccStaticRun,
  name: "avcc",
  isDynamic: true,
  words: {
    title: "avcc (adaptive)",
    means: "Mixtures stand in for slow tabs, every result is checked before it counts, and the code follows the crowd.",
    trust: null,
  },
};
