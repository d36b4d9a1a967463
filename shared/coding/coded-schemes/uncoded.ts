import type { CodedSchemeDefinition } from "./coded-scheme.ts";

export const uncodedRun: CodedSchemeDefinition = {
  name: "uncoded",
  shards: "copies",
  verification: "none",
  volunteersNeeded: ({ dataVolunteers }) => dataVolunteers,
  hasSlack: false,
  isDynamic: false,
  words: {
    title: "uncoded",
    means: "Every block goes to one tab. Waits for all tabs and believes all of them.",
    trust: "Nothing checks the results: one lying tab can spoil the result.",
  },
};
