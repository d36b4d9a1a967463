/**
 * Puts the coordinator's sentences beside the fields they are about. It names a field by its path ("learningRate: expected
 * ..."), the data by X and y, and what a code cannot do by the letter of its setting.
 */
import type { FieldProblems, TrainingField } from "./training-form.ts";

const PATHS: Readonly<Record<string, TrainingField>> = {
  "source.rows": "rows",
  "source.inputScale": "inputScale",
  "source.featuresSha256": "features",
  "source.labelsSha256": "labels",
  dataVolunteers: "dataVolunteers",
  stragglers: "stragglers",
  liars: "liars",
  colluders: "colluders",
  volunteers: "volunteers",
  shardsPerVolunteer: "shardsPerVolunteer",
  iterations: "iterations",
  learningRate: "learningRate",
  momentum: "momentum",
  l2: "l2",
  validationShare: "validationShare",
  patience: "patience",
  model: "model",
  scheme: "scheme",
  name: "name",
  submitter: "submitter",
  X: "features",
  y: "labels",
};

/** In sentences that name no field by its path; the first that fits. */
const HINTS: readonly (readonly [RegExp, TrainingField])[] = [
  [/^(linear|logistic|softmax) regression:/, "model"],
  [/expected (at least|exactly) \d+ volunteers|a multiple of K = \d+ volunteers/, "volunteers"],
  [/dataVolunteers \(K\)|raise K|a block/, "dataVolunteers"],
  [/stragglers \(S\)/, "stragglers"],
  [/liars \(M\)/, "liars"],
  [/colluders \(T\)|expected T = 0/, "colluders"],
  [/shardsPerVolunteer|one shard a volunteer|number of shards/, "shardsPerVolunteer"],
  [/expected S = 0 and M = 0/, "scheme"],
  [/held out|validation/, "validationShare"],
];

/** @returns what stands beside which field; `rest` is what belongs to none */
export function problemsByField(message: string): { fields: FieldProblems; rest: string[] } {
  const fields: FieldProblems = {};
  const rest: string[] = [];
  const isList = message.startsWith("job: ");
  // A submission's findings come in one message; only there does "; " part them.
  for (const sentence of isList ? message.slice("job: ".length).split("; ") : [message]) {
    const { field, text } = placeOf(sentence);
    if (field === null) rest.push(asSentence(text));
    else fields[field] ??= asSentence(text);
  }
  return { fields, rest };
}

function placeOf(sentence: string): { field: TrainingField | null; text: string } {
  const [, path, text] = /^([\w.]+): (.*)$/s.exec(sentence) ?? [];
  if (path !== undefined && Object.hasOwn(PATHS, path)) return { field: PATHS[path]!, text: text! };
  const hint = HINTS.find(([pattern]) => pattern.test(sentence));
  return { field: hint?.[1] ?? null, text: sentence };
}

function asSentence(text: string): string {
  const whole = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?…]$/.test(whole) ? whole : `${whole}.`;
}
