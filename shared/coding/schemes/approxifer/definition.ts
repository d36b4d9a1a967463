import { type SchemeDefinition, settingsInWords } from "../../scheme-definition.ts";
import { approxiferScheme, approxiferWorkerCount } from "./approxifer.ts";

export const approxifer: SchemeDefinition = {
  name: "approxifer",
  workerCountOf: approxiferWorkerCount,
  make: approxiferScheme,
  stragglerBound: null,
  liarBound: null,
  // Its locator drops E workers whether or not anybody lied: no proof, so every answer stays unchecked.
  verificationOf: () => "none",
  canEndExact: false,
  estimates: "told",
  groupsByLikeness: false,
  needsDistinctVolunteers: true,
  groupsMayShrink: false,
  hasSpares: false,
  mixesRows: true,
  takes: { locator: true, parityModel: false },
  formSettings: { own: { stragglers: 2, liars: 1 }, sample: { stragglers: 2, liars: 1 } },
  dialSettings: null,
  words: {
    describe: "Every tab gets a mixture, and answers are interpolated: estimates, unchecked.",
    inShort: "mixtures alone; answers are interpolated, unchecked",
    code: (code) => settingsInWords("approxifer", code),
  },
};
