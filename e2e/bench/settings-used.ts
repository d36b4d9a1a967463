/**
 * How the jobs of a bench were set, with what they leave to the defaults: it stands in the file of figures, and whoever tells a figure names what
 * is not as it is for somebody who types nothing (e2e/measured/headlines.ts).
 */
import { inferenceSubmissionSchema } from "../../shared/kinds/inference/submission.ts";
import { regressionSubmissionSchema } from "../../shared/kinds/regression/submission.ts";

/** Values of each setting, one for each that some job had. */
export type SettingsUsed = Readonly<Record<string, readonly (string | number)[]>>;

const SCHEMAS = {
  inference: (settings: object) =>
    inferenceSubmissionSchema.parse({ kind: "inference", source: { kind: "sample", sample: "mnist" }, ...settings }),
  regression: (settings: object) =>
    regressionSubmissionSchema.parse({ kind: "regression", source: { kind: "sample", sample: "mnist" }, ...settings }),
} as const;

/** Of these a figure depends. What a job is about, and what it is called, is none of them. */
const OF_KIND = {
  inference: [
    ...["scheme", "queriesPerGroup", "stragglers", "liars", "spares"],
    ...["completion", "answerBound", "confidenceFloor", "strict", "coordinatorRowsMax"],
  ],
  regression: ["scheme", "dataVolunteers", "stragglers", "liars"],
} as const satisfies Readonly<Record<keyof typeof SCHEMAS, readonly string[]>>;

/**
 * @param jobs what the bench says of each sort of job that its figures are of, as a submission would
 * @param others settings of the coordinator or of its surroundings, which nobody has who sets nothing
 */
export function settingsUsed(
  jobs: readonly object[],
  others: Readonly<Record<string, string | number>> = {},
  kind: keyof typeof SCHEMAS = "inference",
): SettingsUsed {
  const whole = jobs.map((job) => SCHEMAS[kind](job) as Readonly<Record<string, unknown>>);
  const used: Record<string, (string | number)[]> = { kind: [kind] };
  for (const key of OF_KIND[kind]) {
    const values = new Set(whole.flatMap((job) => (job[key] ?? []) as string | number));
    if (values.size > 0) used[key] = [...values];
  }
  for (const [key, value] of Object.entries(others)) used[key] = [value];
  return used;
}

/** Those of the settings that somebody who types nothing does not have. */
export function setOtherwise(used: SettingsUsed, defaults: SettingsUsed = defaultsOf(used)): SettingsUsed {
  const isOther = ([key, values]: readonly [string, SettingsUsed[string]]) =>
    key !== "kind" && values.some((value) => value !== defaults[key]?.[0]);
  return Object.fromEntries(Object.entries(used).filter(isOther));
}

/** Settings of figures of an earlier day that are gone since, as whoever typed nothing had them. */
const GONE: SettingsUsed = { groupsPerRound: [0], roundsInFlight: [0] };

function defaultsOf({ kind = ["inference"] }: SettingsUsed): SettingsUsed {
  return { ...GONE, ...settingsUsed([{}], {}, kind[0] === "regression" ? "regression" : "inference") };
}
