/** What must hold of a demo (--check). */
import type { DemoFigures } from "./demo-table.ts";
import type { SchemeFigures } from "./scheme-figures.ts";

const VERIFIED_SHARE_MIN = 0.95;
const FIRST_MS_RATIO_MAX = 0.5;

export interface Condition {
  readonly what: string;
  readonly holds: boolean;
  /** What was measured. */
  readonly got: string;
}

/** @param liarName nickname of the tab that lies in the systematic job's crowd */
export function demoConditions(figures: DemoFigures, liarName: string): Condition[] {
  const systematic = schemeNamed(figures, "systematic");
  const uncoded = schemeNamed(figures, "uncoded");
  const { answersByMark, wrongByMark, quarantined, finalAccuracy, firstMsP95 } = systematic;
  const wrong = wrongByMark.exact + wrongByMark.audited;
  const verifiedShare = (answersByMark.exact + answersByMark.audited) / figures.queries;
  const ratio = firstMsP95 === null || uncoded.firstMsP95 === null ? null : firstMsP95 / uncoded.firstMsP95;
  return [
    { what: "no exact or audited answer of systematic is wrong", holds: wrong === 0, got: `${wrong} wrong` },
    {
      what: `at least ${VERIFIED_SHARE_MIN * 100} % of systematic's answers are exact or audited`,
      holds: verifiedShare >= VERIFIED_SHARE_MIN,
      got: `${(verifiedShare * 100).toFixed(2)} %`,
    },
    {
      what: "systematic quarantined the liar",
      holds: quarantined.some(({ name }) => name === liarName),
      got: quarantined.map(({ name }) => name).join(", ") || "nobody",
    },
    {
      what: "systematic ends with the model's own accuracy",
      holds: finalAccuracy === figures.baseAccuracy,
      got: `${finalAccuracy} against ${figures.baseAccuracy}`,
    },
    {
      what: `95 % of systematic's queries have an answer in less than ${FIRST_MS_RATIO_MAX} of uncoded's time`,
      holds: ratio !== null && ratio < FIRST_MS_RATIO_MAX,
      got: ratio === null ? "no times" : ratio.toFixed(3),
    },
  ];
}

function schemeNamed({ schemes }: DemoFigures, name: string): SchemeFigures {
  const found = schemes.find((scheme) => scheme.name === name);
  if (found === undefined) throw new Error(`demo check: expected figures of ${name}, got none`);
  return found;
}
