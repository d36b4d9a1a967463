/**
 * Puts the coordinator's sentences beside the fields they are about. It names a field by its path ("learningRate: expected
 * ..."), the data by a letter, and what a code cannot do by the letter of its setting.
 */
import type { CodeSettings, NameSettings } from "./coded-form.ts";

/** Where the sentences about a form belong. */
export interface Places<Field extends string> {
  readonly paths: Readonly<Record<string, Field>>;
  /** For sentences that name no field by its path; the first that fits. */
  readonly hints: readonly (readonly [RegExp, Field])[];
}

/** Of what every coded job has. */
export const CODE_PLACES: Places<keyof CodeSettings | keyof NameSettings> = {
  paths: {
    dataVolunteers: "dataVolunteers",
    stragglers: "stragglers",
    liars: "liars",
    colluders: "colluders",
    volunteers: "volunteers",
    shardsPerVolunteer: "shardsPerVolunteer",
    scheme: "scheme",
    name: "name",
    submitter: "submitter",
  },
  hints: [
    [/expected (at least|exactly) \d+ volunteers|a multiple of K = \d+ volunteers/, "volunteers"],
    [/dataVolunteers \(K\)|raise K|a block/, "dataVolunteers"],
    [/stragglers \(S\)/, "stragglers"],
    [/liars \(M\)/, "liars"],
    [/colluders \(T\)|expected T = 0/, "colluders"],
    [/shardsPerVolunteer|one shard a volunteer|number of shards/, "shardsPerVolunteer"],
    [/expected S = 0 and M = 0/, "scheme"],
  ],
};

/** @returns what stands beside which field; `rest` is what belongs to none */
export function problemsByField<Field extends string>(message: string, places: Places<Field>) {
  const fields: Partial<Record<Field, string>> = {};
  const rest: string[] = [];
  const isList = message.startsWith("job: ");
  // A submission's findings come in one message; only there does "; " part them.
  for (const sentence of isList ? message.slice("job: ".length).split("; ") : [message]) {
    const { field, text } = placeOf(sentence, places);
    if (field === null) rest.push(asSentence(text));
    else fields[field] ??= asSentence(text);
  }
  return { fields, rest };
}

function placeOf<Field extends string>(
  sentence: string,
  { paths, hints }: Places<Field>,
): { field: Field | null; text: string } {
  const [, path, text] = /^([\w.]+): (.*)$/s.exec(sentence) ?? [];
  if (path !== undefined && Object.hasOwn(paths, path)) return { field: paths[path]!, text: text! };
  const hint = hints.find(([pattern]) => pattern.test(sentence));
  return { field: hint?.[1] ?? null, text: sentence };
}

function asSentence(text: string): string {
  const whole = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?…]$/.test(whole) ? whole : `${whole}.`;
}
