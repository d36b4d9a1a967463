import type { SchemeDefinition } from "../../scheme-definition.ts";
import { systematicDialSettings } from "./dial-settings.ts";
import { systematicScheme, systematicWorkerCount } from "./systematic.ts";
import { systematicCodeInWords } from "./words.ts";

export const systematic: SchemeDefinition = {
  name: "systematic",
  workerCountOf: systematicWorkerCount,
  make: systematicScheme,
  stragglerBound: null,
  liarBound: null,
  verificationOf: () => "audits",
  canEndExact: true,
  estimates: "withheld",
  groupsByLikeness: true,
  needsDistinctVolunteers: false,
  groupsMayShrink: true,
  hasSpares: true,
  mixesRows: true,
  takes: { locator: false, parityModel: false },
  formSettings: { own: {}, sample: {} },
  dialSettings: systematicDialSettings,
  words: {
    describe:
      "Tabs get the queries themselves; spare tabs get mixtures that stand in for lost answers. Audits find liars.",
    inShort: "queries as they are beside a few mixtures, audited",
    code: systematicCodeInWords,
  },
};
