/** The code of an inference job: its scheme with K, S and E, and what the scheme says of itself. Pure. */
import { makeScheme } from "../../../../shared/coding/make-scheme.ts";
import type { CodingScheme } from "../../../../shared/coding/scheme.ts";
import type { SchemeDefinition, Verification } from "../../../../shared/coding/scheme-definition.ts";
import { SCHEMES } from "../../../../shared/coding/schemes/schemes.ts";
import type { InferenceSubmission } from "../../../../shared/kinds/inference/submission.ts";
import type { StoredJob } from "../records.ts";

/** What the ledger asks of the scheme itself, whatever K, S and E are. */
type SchemeFacts = Pick<SchemeDefinition, "estimates" | "groupsByLikeness" | "hasSpares" | "needsDistinctVolunteers">;

export interface InferencePlan extends SchemeFacts {
  readonly scheme: CodingScheme;
  readonly verification: Verification;
  /** Does the job end with the model's own answer for every query? */
  readonly endsExact: boolean;
  /** What the workers beyond K do, where the scheme has spares. */
  readonly spares: InferenceSubmission["spares"];
}

/** Settings of a code, whatever its scheme. */
export type CodeNumbers = Pick<InferenceSubmission, "queriesPerGroup" | "stragglers" | "liars" | "spares">;

/** What of a job its code is made from. */
export interface PlannedJob {
  readonly submission: CodeNumbers & Pick<InferenceSubmission, "scheme" | "locator" | "task" | "completion">;
  readonly outputScale: StoredJob["outputScale"];
  readonly codes: readonly CodeNumbers[];
}

/** The code that is in force: of a job with an aim the latest that was chosen. @throws CodingError where (K, S, E) make no code */
export function planInference({ submission, outputScale, codes }: PlannedJob): InferencePlan {
  const code = codes.at(-1) ?? submission;
  const scheme = schemeOf({ submission, outputScale }, code);
  const { estimates, groupsByLikeness, hasSpares, needsDistinctVolunteers, verificationOf, canEndExact } =
    SCHEMES[submission.scheme];
  return {
    scheme,
    verification: verificationOf(code.liars),
    endsExact: canEndExact && submission.completion === "exact",
    spares: code.spares,
    ...{ estimates, groupsByLikeness, hasSpares, needsDistinctVolunteers },
  };
}

/** @throws CodingError where (K, S, E) make no code */
export function schemeOf(
  { submission, outputScale }: Pick<PlannedJob, "submission" | "outputScale">,
  { queriesPerGroup, stragglers, liars }: Omit<CodeNumbers, "spares">,
): CodingScheme {
  const { scheme, locator, task } = submission;
  return makeScheme(scheme, {
    ...{ queryCount: queriesPerGroup, stragglerCount: stragglers, liarCount: liars },
    ...(locator === undefined ? {} : { locator }),
    ...(task === "regression" ? { votesOnNumbers: { scaleFloor: outputScale ?? 0 } } : {}),
  });
}
