import { type SchemeDefinition, settingsInWords } from "../../scheme-definition.ts";
import { pairsScheme } from "./pairs.ts";

export const pairs: SchemeDefinition = {
  name: "pairs",
  workerCountOf: ({ queryCount }) => 2 * queryCount,
  make: pairsScheme,
  stragglerBound: { most: 1, because: "the second tab of a query" },
  liarBound: null,
  verificationOf: () => "audits",
  canEndExact: true,
  estimates: "none",
  groupsByLikeness: false,
  needsDistinctVolunteers: false,
  groupsMayShrink: true,
  hasSpares: false,
  mixesRows: false,
  takes: { locator: false, parityModel: false },
  formSettings: { own: { stragglers: 1 }, sample: { stragglers: 1 } },
  dialSettings: null,
  words: {
    describe: "Every query goes to two tabs.",
    inShort: "two tabs a query; the first answer is taken",
    code: (code) => settingsInWords("pairs", code),
  },
};
