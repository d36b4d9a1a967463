/**
 * Puts the coordinator's sentences beside the fields they are about. It names a field by its path ("learningRate: expected
 * ..."), the data by a letter, and what a code cannot do by the letter of its setting.
 */
import type { FieldProblems, FieldSpecs } from "./field-specs.ts";
import { specEntries } from "./read-form.ts";

/** For sentences that name no field by its path: the first that fits. */
export type Hints<Fields> = readonly (readonly [RegExp, keyof Fields & string])[];

/** @returns what stands beside which field; `rest` is what belongs to none */
export function problemsByField<Fields>(message: string, specs: FieldSpecs<Fields>, hints: Hints<Fields>) {
  const paths = new Map<string, keyof Fields & string>();
  for (const [name, { path, letter }] of specEntries(specs)) {
    paths.set(path ?? name, name);
    if (letter !== undefined) paths.set(letter, name);
  }
  const fields: FieldProblems<Fields> = {};
  const rest: string[] = [];
  const isList = message.startsWith("job: ");
  // A submission's findings come in one message; only there does "; " part them.
  for (const sentence of isList ? message.slice("job: ".length).split("; ") : [message]) {
    const [, path, text] = /^([\w.]+): (.*)$/s.exec(sentence) ?? [];
    const named = paths.get(path ?? "");
    const field = named ?? hints.find(([pattern]) => pattern.test(sentence))?.[1];
    if (field === undefined) rest.push(asSentence(sentence));
    else fields[field] ??= asSentence(named === undefined ? sentence : text!);
  }
  return { fields, rest };
}

function asSentence(text: string): string {
  const whole = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?…]$/.test(whole) ? whole : `${whole}.`;
}
