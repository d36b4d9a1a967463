import { type SchemeDefinition, settingsInWords } from "../../scheme-definition.ts";
import { splineScheme, splineWorkerCount } from "./spline.ts";

export const spline: SchemeDefinition = {
  name: "spline",
  workerCountOf: splineWorkerCount,
  make: (parameters) => splineScheme(parameters),
  stragglerBound: null,
  liarBound: null,
  // The code has no defence of its own.
  verificationOf: () => "audits",
  // A spline smooths even the answers of workers that computed a query itself: all answers are estimates.
  canEndExact: false,
  estimates: "told",
  groupsByLikeness: false,
  needsDistinctVolunteers: false,
  groupsMayShrink: false,
  hasSpares: false,
  mixesRows: true,
  takes: { locator: false, parityModel: false },
  formSettings: { own: { stragglers: 2, liars: 1 }, sample: { stragglers: 2, liars: 1 } },
  dialSettings: null,
  words: {
    describe: "Every tab gets a mixture; smoothing splines give the answers. Audited tabs, estimated answers.",
    inShort: "mixtures alone; smoothing splines give the answers; audited",
    code: (code) => settingsInWords("spline", code),
  },
};
