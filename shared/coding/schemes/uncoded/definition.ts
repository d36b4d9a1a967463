import { type SchemeDefinition, settingsInWords } from "../../scheme-definition.ts";
import { uncodedScheme, uncodedWorkerCount } from "./uncoded.ts";

export const uncoded: SchemeDefinition = {
  name: "uncoded",
  workerCountOf: uncodedWorkerCount,
  make: uncodedScheme,
  stragglerBound: null,
  liarBound: null,
  verificationOf: () => "none",
  canEndExact: false,
  estimates: "none",
  groupsByLikeness: false,
  needsDistinctVolunteers: false,
  groupsMayShrink: true,
  hasSpares: false,
  mixesRows: false,
  takes: { locator: false, parityModel: false },
  formSettings: { own: { stragglers: 0, liars: 0 }, sample: { stragglers: 0, liars: 0 } },
  dialSettings: null,
  words: {
    describe: "Every query goes to one tab. Waits for all tabs and believes all of them.",
    inShort: "one tab a query; waits for all tabs and believes them",
    code: (code) => settingsInWords("uncoded", code),
  },
};
