import type { CodedSchemeDefinition } from "./coded-scheme.ts";

export const replicationRun: CodedSchemeDefinition = {
  name: "replication",
  shards: "copies",
  verification: "votes",
  // With S copies of a block gone and M wrong, M+1 equal ones are left.
  volunteersNeeded: ({ dataVolunteers, stragglers, liars }) => (stragglers + 2 * liars + 1) * dataVolunteers,
  hasSlack: true,
  isDynamic: false,
  words: {
    title: "replication",
    means: "Every block of the data goes to several tabs, and the majority counts.",
    trust: "Equal results outvote wrong ones only while at most M tabs lie.",
  },
};
