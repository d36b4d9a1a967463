/** Labels that a model was not trained on: each is a sentence about a text, and a model of inference says which sentence follows from it. */
import { InputError } from "../inputs/input-error.ts";
import type { Texts } from "../inputs/texts.ts";
import { QUERIES_PER_JOB_MAX } from "../protocol/limits.ts";
import type { WrittenAnswer } from "./label-lines.ts";
import type { LabelNames } from "./label-names.ts";

/** As transformers' pipeline has it; {} is the label. */
export const HYPOTHESIS = "This example is {}.";

/** @returns a pair for each text and each label: texts in order, of each its labels in order @throws InputError where texts are pairs already, or too many */
export function withCandidates(given: Texts, candidates: readonly string[], hypothesis: string): Texts {
  const { texts, pairs, whereIs } = given;
  if (pairs !== null) throw new InputError("--candidate: expected single texts, got pairs");
  const count = texts.length * candidates.length;
  if (count > QUERIES_PER_JOB_MAX) {
    throw new InputError(
      `--candidate: expected at most ${QUERIES_PER_JOB_MAX} pairs of text and label, got ${count}; split it`,
    );
  }
  return {
    texts: texts.flatMap((text) => candidates.map(() => text)),
    pairs: texts.flatMap(() => candidates.map((label) => hypothesis.replaceAll("{}", () => label))),
    whereIs: (place) => whereIs(Math.floor(place / candidates.length)),
  };
}

/** The place of the model's answer "it follows": config.json names it. @throws InputError where it names none */
export function entailmentPlace(labels: LabelNames | null): number {
  const place = labels?.names.findIndex((name) => /^entail/i.test(name)) ?? -1;
  if (place >= 0) return place;
  const got = labels === null ? "no names" : labels.names.join(", ").slice(0, 200);
  throw new InputError(
    `config.json: id2label: expected a label that begins with "entail", as a model of inference has it, got ${got}`,
  );
}

/** From the least to the most that is known of an answer. */
const MARKS = ["missing", "non-finite", "unchecked", "estimated", "audited", "exact"];

/** One answer of the answers to its pairs: as sure as the least sure of them. @param rows of one text, one a label */
export function candidateAnswer(rows: readonly WrittenAnswer[], entailment: number): WrittenAnswer {
  const [first] = rows as [WrittenAnswer];
  const isWhole = rows.every(({ outputs }) => outputs.length > entailment);
  const confidences = rows.flatMap(({ confidence }) => confidence ?? []);
  const bounds = rows.map(({ bound }) => bound);
  return {
    ...first,
    mark: rows.map(({ mark }) => mark).sort((a, b) => MARKS.indexOf(a) - MARKS.indexOf(b))[0]!,
    final: rows.every(({ final }) => final),
    // Any of them being wrong makes it wrong.
    bound: bounds.includes(null)
      ? null
      : Math.min(
          1,
          bounds.reduce<number>((sum, bound) => sum + bound!, 0),
        ),
    confidence: confidences.length === 0 ? null : Math.min(...confidences),
    outputs: isWhole ? rows.map(({ outputs }) => outputs[entailment]!) : [],
  };
}
