/** The fields that every coded job has: how it is coded, and by which name. */
import {
  CODED_SCHEME_NAMES,
  CODED_SCHEMES,
  type CodedScheme,
} from "../../shared/coding/coded-schemes/coded-schemes.ts";
import { NAME_LENGTH_MAX } from "../../shared/protocol/limits.ts";
import { Field, TextField } from "../ui/field.tsx";
import { type CodeSettings, type FormProps, type NameSettings, withScheme } from "./coded-form.ts";
import { codedTexts } from "./coded-texts.ts";
import { textFieldsOf } from "./text-fields.tsx";

const texts = codedTexts.form;

/** @param privacy what T volunteers that pool what they hold do not learn, and what they do */
export function CodeFields({
  privacy,
  ...props
}: FormProps<CodeSettings> & { readonly privacy: (colluders: number) => string }) {
  const { fields, problems, change } = props;
  const { code } = texts;
  const text = textFieldsOf(props);
  const colluders = Number(fields.colluders);
  const { means, trust } = CODED_SCHEMES[fields.scheme].words;
  return (
    <fieldset>
      <legend>{code.legend}</legend>
      <div class="fields">
        <Field label={code.scheme} hint={means} problem={problems.scheme}>
          {(ids) => (
            <select
              {...ids}
              value={fields.scheme}
              onChange={({ currentTarget }) => change(withScheme(fields, currentTarget.value as CodedScheme))}
            >
              {CODED_SCHEME_NAMES.toReversed().map((scheme) => (
                <option key={scheme} value={scheme}>
                  {CODED_SCHEMES[scheme].words.title}
                </option>
              ))}
            </select>
          )}
        </Field>
        <div class="fields row">
          {text("dataVolunteers", code.dataVolunteers, code.dataVolunteersHint)}
          {text("stragglers", code.stragglers, code.stragglersHint)}
          {text("liars", code.liars, code.liarsHint)}
        </div>
        <div class="fields row">
          {text("colluders", code.colluders, code.colludersHint)}
          {text("volunteers", code.volunteers, code.volunteersHint)}
          {text("shardsPerVolunteer", code.shardsPerVolunteer, code.shardsPerVolunteerHint)}
        </div>
        {colluders > 0 && (
          <p class="note" data-testid="privacy">
            {privacy(colluders)} {code.byInvitation}
          </p>
        )}
        {trust !== null && <p class="note warn">{trust}</p>}
      </div>
    </fieldset>
  );
}

export function NameFields({
  fields,
  problems,
  change,
  nameAtFirst,
}: FormProps<NameSettings> & { readonly nameAtFirst: string }) {
  const { names } = texts;
  return (
    <fieldset>
      <legend>{names.legend}</legend>
      <div class="fields">
        <TextField
          label={names.name}
          value={fields.name}
          problem={problems.name}
          maxLength={NAME_LENGTH_MAX}
          placeholder={nameAtFirst}
          onInput={(name) => change({ name })}
        />
        <TextField
          label={names.submitter}
          hint={names.hint}
          value={fields.submitter}
          problem={problems.submitter}
          maxLength={NAME_LENGTH_MAX}
          placeholder={names.anonymous}
          onInput={(submitter) => change({ submitter })}
        />
      </div>
    </fieldset>
  );
}
