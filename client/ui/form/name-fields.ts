/** By which name a job is known, and for whom it is. */
import { NAME_LENGTH_MAX } from "../../../shared/protocol/limits.ts";
import type { FieldSpecs, TextSpec } from "./field-specs.ts";
import { formTexts } from "./form-texts.ts";

/** As typed. */
export interface NameFields {
  name: string;
  submitter: string;
}

/** @param nameAtFirst of a job that nobody names */
export function nameSpecs<Fields extends NameFields>(nameAtFirst: (fields: Fields) => string): FieldSpecs<Fields> {
  const name: TextSpec<Fields> = {
    sort: "text",
    label: formTexts.name,
    maxLength: NAME_LENGTH_MAX,
    whenEmpty: nameAtFirst,
  };
  const submitter: TextSpec<Fields> = {
    sort: "text",
    label: formTexts.submitter,
    hint: formTexts.submitterHint,
    maxLength: NAME_LENGTH_MAX,
    whenEmpty: () => formTexts.anonymous,
  };
  return { name, submitter } as FieldSpecs<Fields>;
}
