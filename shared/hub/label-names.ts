/** What config.json of a Hugging Face folder says of a model's answers, and answers by it: names, and how sure the model is. */

import { InputError } from "../inputs/input-error.ts";
import { plainText } from "../protocol/plain-text.ts";

/** one: classes exclude each other (softmax); several: each stands for itself (sigmoid); values: the numbers are what is asked for. */
export interface LabelNames {
  readonly holds: "one" | "several" | "values";
  /** By place. */
  readonly names: readonly string[];
}

export interface ScoredLabel {
  readonly label: string;
  /** 0 to 1; of values the number itself */
  readonly score: number;
}

/** Labels that nobody named. @param size how many */
export function numbered(size: number): LabelNames {
  return { holds: "one", names: Array.from({ length: size }, (_, at) => String(at)) };
}

/** Of a job that is asked for labels: an answer is its surest label alone where labels exclude each other, else each of its numbers. */
export const taskFor = (labels: LabelNames | null): "classification" | "regression" =>
  labels === null || labels.holds === "one" ? "classification" : "regression";

type Json = Readonly<Record<string, unknown>>;

/**
 * @param name of the file, for errors
 * @returns null where it names no labels
 * @throws InputError where the names have no places from 0 on
 */
export function labelNames(name: string, config: Json): LabelNames | null {
  const { id2label, problem_type } = config;
  if (id2label === undefined || id2label === null) return null;
  const entries = typeof id2label === "object" ? Object.entries(id2label as Json) : [];
  const names: string[] = [];
  for (const [place, label] of entries) {
    if (/^\d{1,7}$/.test(place) && typeof label === "string" && Number(place) < entries.length) {
      names[Number(place)] = plainText(label);
    }
  }
  if (entries.length === 0 || Object.keys(names).length !== entries.length) {
    throw new InputError(
      `${name}: id2label: expected a name for each place from 0 to the last, got ${JSON.stringify(id2label).slice(0, 120)}`,
    );
  }
  return { holds: asScored(config) ? "values" : holdsOf(problem_type, names.length), names };
}

/** A re-ranker of sentence-transformers whose scores are its logits: it says that nothing is done to them. */
function asScored({ sentence_transformers: own, sbert_ce_default_activation_function: former }: Json): boolean {
  const activation = (own as Json | null | undefined)?.activation_fn ?? former;
  return typeof activation === "string" && activation.split(".").at(-1) === "Identity";
}

/** As transformers' pipelines read it: a single logit is a yes or no. */
function holdsOf(problemType: unknown, count: number): LabelNames["holds"] {
  if (problemType === "regression") return "values";
  return problemType === "multi_label_classification" || count === 1 ? "several" : "one";
}

/**
 * @param outputs what the model gave: one number a label
 * @param count so many at most
 * @returns the surest first; of equal ones the earlier place
 */
export function topLabels(outputs: readonly number[], { holds, names }: LabelNames, count: number): ScoredLabel[] {
  const scores = scoresOf(outputs, holds);
  const places = outputs.map((_, place) => place).sort((a, b) => outputs[b]! - outputs[a]! || a - b);
  return places.slice(0, count).map((place) => ({ label: names[place] ?? String(place), score: scores[place]! }));
}

function scoresOf(outputs: readonly number[], holds: LabelNames["holds"]): readonly number[] {
  if (holds === "values") return outputs;
  return holds === "one" ? probabilities(outputs) : outputs.map((value) => 1 / (1 + Math.exp(-value)));
}

/** Softmax: exp(x) over the sum of all, the largest taken off first, so that nothing overflows. */
function probabilities(values: readonly number[]): number[] {
  const most = values.reduce((larger, value) => Math.max(larger, value), Number.NEGATIVE_INFINITY);
  const powers = values.map((value) => Math.exp(value - most));
  const sum = powers.reduce((all, power) => all + power, 0);
  return powers.map((power) => power / sum);
}
