import { type SchemeDefinition, settingsInWords } from "../../scheme-definition.ts";
import { berrutSystematicScheme, berrutSystematicWorkerCount } from "./berrut-systematic.ts";

export const berrutSystematic: SchemeDefinition = {
  name: "berrut-systematic",
  workerCountOf: berrutSystematicWorkerCount,
  make: berrutSystematicScheme,
  stragglerBound: null,
  liarBound: null,
  // The code has no defence of its own.
  verificationOf: () => "audits",
  canEndExact: true,
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
    describe:
      "ApproxIFER's systematic variant: tabs get the queries themselves, S more get mixtures, and lost answers are " +
      "interpolated. Audits find liars.",
    inShort: "queries as they are beside mixtures; lost answers are interpolated; audited",
    code: (code) => settingsInWords("berrut-systematic", code),
  },
};
