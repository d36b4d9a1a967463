/** From what stands in a form's fields to a submission, or to what is wrong beside which field. Pure. */
import type { FieldProblems, FieldSpec, FieldSpecs, TextSpec } from "./field-specs.ts";
import { formTexts } from "./form-texts.ts";

const texts = formTexts.problems;

/** The submission, or what is wrong beside which field. */
export type FormReading<Fields, Submission> =
  | { readonly submission: Submission }
  | { readonly problems: FieldProblems<Fields> };

export function specEntries<Fields>(specs: FieldSpecs<Fields>) {
  return Object.entries(specs) as [keyof Fields & string, FieldSpec<Fields>][];
}

/**
 * Every field that is shown is read, in the order of the list, and put where the submission has it.
 * @param base what the submission has besides
 */
export function readForm<Fields extends object, Submission>(
  specs: FieldSpecs<Fields>,
  fields: Fields,
  base: object,
): FormReading<Fields, Submission> {
  const problems: FieldProblems<Fields> = {};
  const submission = structuredClone(base);
  for (const [name, spec] of specEntries(specs)) {
    if (spec.shownIf?.(fields) === false) continue;
    const { value, problem } = readField(spec, fields[name], fields);
    if (problem !== undefined) problems[name] = problem;
    else if (spec.path !== null && value !== undefined) put(submission, spec.path ?? name, value);
  }
  return Object.keys(problems).length > 0 ? { problems } : { submission: submission as Submission };
}

type Read = { readonly value?: unknown; readonly problem?: string };

function readField<Fields>(spec: FieldSpec<Fields>, held: unknown, fields: Fields): Read {
  switch (spec.sort) {
    case "select":
    case "radio":
      return { value: held };
    case "file": {
      const problem = spec.problem(fields);
      return problem === null ? { value: spec.value?.(fields) } : { problem };
    }
    default:
      return readText(spec, String(held).trim(), fields);
  }
}

function readText<Fields>(spec: TextSpec<Fields>, text: string, fields: Fields): Read {
  const { sort, label, limits, whenEmpty, convert } = spec;
  const isText = sort === "text" || sort === "lines";
  if (text === "" && (isText || "whenEmpty" in spec)) {
    return { value: typeof whenEmpty === "function" ? whenEmpty(fields) : whenEmpty };
  }
  const wrong = (sentence: string) => ({ problem: spec.problem ?? sentence });
  const value = isText ? text : sort === "scale" ? parseScale(text) : text === "" ? Number.NaN : Number(text);
  if (value === null) return wrong(texts.scale);
  if (typeof value === "number") {
    const isWithin = limits === undefined || (Number.isInteger(value) && value >= limits.least && value <= limits.most);
    if (!isWithin) return wrong(texts.within(label, limits.least, limits.most));
    if (!Number.isFinite(value)) return wrong(texts.number(text));
    if (sort === "whole" && !Number.isInteger(value)) return wrong(texts.whole(text));
  }
  const converted = convert === undefined ? value : convert(value);
  return converted === null ? wrong(texts.number(text)) : { value: converted };
}

function put(into: object, path: string, value: unknown): void {
  const steps = path.split(".");
  const last = steps.pop()!;
  let place = into as Record<string, unknown>;
  for (const step of steps) {
    place[step] ??= {};
    place = place[step] as Record<string, unknown>;
  }
  place[last] = value;
}

/** "1/255", "0.5", "1e-3"; null where it is no positive number. */
export function parseScale(text: string): number | null {
  const parts = text.split("/").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  const [above = Number.NaN, below = 1, ...more] = parts;
  const scale = more.length > 0 ? Number.NaN : above / below;
  return Number.isFinite(scale) && scale > 0 ? scale : null;
}
