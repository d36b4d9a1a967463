import { type SchemeDefinition, settingsInWords } from "../../scheme-definition.ts";
import { PARITY_MODELS_MAX, parmScheme, parmWorkerCount } from "./parm.ts";

export const parm: SchemeDefinition = {
  name: "parm",
  workerCountOf: parmWorkerCount,
  make: parmScheme,
  stragglerBound: { most: PARITY_MODELS_MAX, because: `there is ${PARITY_MODELS_MAX} parity model` },
  liarBound: null,
  // The code has no defence of its own.
  verificationOf: () => "audits",
  canEndExact: true,
  estimates: "told",
  groupsByLikeness: false,
  needsDistinctVolunteers: false,
  // A parity model was trained on sums of K queries.
  groupsMayShrink: false,
  hasSpares: false,
  mixesRows: true,
  takes: { locator: false, parityModel: true },
  // The sample's parity model is one for K = 8.
  formSettings: { own: { stragglers: 1 }, sample: { stragglers: 1, queriesPerGroup: 8 } },
  dialSettings: null,
  words: {
    describe:
      "Tabs get the queries themselves; one more gets their sum and runs a parity model, which stands in for one " +
      "lost answer. Audits find liars. The sample has a parity model for K = 8.",
    inShort: "queries as they are beside their sum, for which a parity model answers; audited",
    code: (code) => settingsInWords("parm", code),
  },
};
