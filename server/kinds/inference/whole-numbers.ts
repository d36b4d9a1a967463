/** Queries of whole numbers: what an input takes, and what no code may do with them. SPEC.md SC8. */
import { SCHEMES, schemesThat } from "../../../shared/coding/schemes/schemes.ts";
import type { ModelInput } from "../../../shared/compute/model-runtime.ts";
import type { InferenceSubmission } from "../../../shared/kinds/inference/submission.ts";
import { WHOLE_NUMBER_MAX } from "../../../shared/protocol/limits.ts";
import { SubmissionError } from "../../shell/submission-error.ts";

export function isWhole({ dtype }: Pick<ModelInput, "dtype">): boolean {
  return dtype !== "float32";
}

/** Are rows of these inputs sums that mean something? */
export function canBeMixed(inputs: readonly ModelInput[]): boolean {
  return !inputs.some(isWhole);
}

export const sizeOfInput = ({ shape }: Pick<ModelInput, "shape">): number =>
  shape.reduce((size, length) => size * length, 1);

/** Is each number of a query of them a whole one, whether a code may mix them or not? */
export function takesWhole(inputs: readonly ModelInput[]): boolean {
  return inputs.some((input) => isWhole(input) || input.takes !== undefined);
}

/** Least and most that an input takes; float32 holds these exactly. */
export function wholeRange({ dtype, takes, below }: ModelInput): readonly [least: number, most: number] {
  const [least, most] = RANGES[takes ?? dtype] ?? [-WHOLE_NUMBER_MAX, WHOLE_NUMBER_MAX];
  return below === undefined ? [least, most] : [Math.max(least, -below), Math.min(most, below - 1)];
}

const RANGES: Readonly<Partial<Record<ModelInput["dtype"], readonly [number, number]>>> = {
  bool: [0, 1],
  int8: [-128, 127],
  uint8: [0, 255],
  int16: [-32_768, 32_767],
  uint16: [0, 65_535],
  uint32: [0, WHOLE_NUMBER_MAX],
  uint64: [0, WHOLE_NUMBER_MAX],
};

/** @param row the numbers of one query, as the model gets them @returns what is wrong with the first that its input does not take; null: nothing */
export function wholeProblem(row: ArrayLike<number>, inputs: readonly ModelInput[]): string | null {
  let at = 0;
  for (const input of inputs) {
    const end = at + sizeOfInput(input);
    if (!takesWhole([input])) {
      at = end;
      continue;
    }
    const [least, most] = wholeRange(input);
    for (const start = at; at < end; at++) {
      const value = row[at]!;
      if (Number.isInteger(value) && value >= least && value <= most) continue;
      const why = input.below === undefined ? (input.takes ?? input.dtype) : `a table of ${input.below} rows`;
      return `input '${input.name}': expected whole numbers from ${least} to ${most} (${why}), got ${value} at place ${at - start}`;
    }
  }
  return null;
}

/**
 * [SC8] The settings of a job whose queries are whole numbers: its spares are backups and copies.
 * @throws SubmissionError where it asks for a code that mixes queries
 */
export function withoutMixtures(submission: InferenceSubmission, inputs: readonly ModelInput[]): InferenceSubmission {
  const whole = inputs.find(isWhole);
  const { scheme, queriesPerGroup, stragglers, liars, spares } = submission;
  if (whole === undefined || !SCHEMES[scheme].mixesRows) return submission;
  const because = `for input '${whole.name}' takes ${whole.dtype}, and whole numbers cannot be mixed`;
  if (!SCHEMES[scheme].hasSpares) {
    const others = schemesThat(({ mixesRows, hasSpares }) => !mixesRows || hasSpares);
    throw refusal(`scheme: expected ${others}, ${because}; got ${scheme}, which mixes queries`);
  }
  // Groups of one are copies, whatever the spares are called.
  if (queriesPerGroup === 1 || stragglers + liars === 0) return submission;
  if (spares === "parities") throw refusal(`spares: expected "backups" or "auto", ${because}; got "parities"`);
  return { ...submission, spares: "backups" };
}

/** Rows one unit apart with their whole numbers as they were: another word is another question. @param shifted n x D, is changed */
export function keepingWhole(
  shifted: Float32Array<ArrayBuffer>,
  rows: Float32Array,
  inputs: readonly ModelInput[] | undefined,
): Float32Array<ArrayBuffer> {
  if (inputs === undefined) return shifted;
  for (let at = 0; at < rows.length; ) {
    for (const input of inputs) {
      const end = at + sizeOfInput(input);
      if (isWhole(input)) shifted.set(rows.subarray(at, end), at);
      at = end;
    }
  }
  return shifted;
}

function refusal(message: string): SubmissionError {
  return new SubmissionError(422, "whole-numbers", message);
}
