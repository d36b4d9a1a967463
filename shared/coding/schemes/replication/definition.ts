import { type SchemeDefinition, settingsInWords } from "../../scheme-definition.ts";
import { replicationScheme, replicationWorkerCount } from "./replication.ts";

export const replication: SchemeDefinition = {
  name: "replication",
  workerCountOf: replicationWorkerCount,
  make: (parameters) => replicationScheme(parameters),
  stragglerBound: null,
  liarBound: null,
  verificationOf: (liarCount) => (liarCount > 0 ? "votes" : "none"),
  canEndExact: false,
  estimates: "none",
  groupsByLikeness: false,
  needsDistinctVolunteers: true,
  groupsMayShrink: true,
  hasSpares: false,
  mixesRows: false,
  takes: { locator: false, parityModel: false },
  formSettings: { own: { stragglers: 2, liars: 1 }, sample: { stragglers: 2, liars: 1 } },
  dialSettings: null,
  words: {
    describe: "Every query goes to several tabs, and the majority counts.",
    inShort: "several tabs a query; the majority counts",
    code: (code) => settingsInWords("replication", code),
  },
};
