/** The form's fields, in the order in which somebody decides: which data, how coded, how trained, by which name. */
import type { GradientModel, GradientScheme } from "../../../shared/protocol/gradient-api.ts";
import { NAME_LENGTH_MAX } from "../../../shared/protocol/limits.ts";
import type { ParitabClient } from "../../../shared/sdk/paritab-client.ts";
import { Field, TextField } from "../../ui/field.tsx";
import { training } from "../../ui/training-texts.ts";
import {
  type FieldProblems,
  type TrainingFields,
  type TrainingSource,
  withScheme,
  withSource,
} from "./training-form.ts";
import { UploadField } from "./upload-field.tsx";

const texts = training.form;
const SOURCES: readonly TrainingSource[] = ["gisette-like", "mnist", "uploads"];
// From the texts: the schema's own lists would bring the whole schema library along.
const MODELS = Object.keys(training.models) as GradientModel[];
const SCHEMES = Object.keys(training.schemes) as GradientScheme[];

interface TrainingFieldsProps {
  readonly fields: TrainingFields;
  readonly problems: FieldProblems;
  change(changes: Partial<TrainingFields>): void;
}

/** Those that hold what was typed. */
type Typed = Exclude<keyof TrainingFields, "source" | "features" | "labels" | "model" | "scheme">;

/** Makes text fields whose value, problem and change are the form's. */
function textFieldsOf({ fields, problems, change }: TrainingFieldsProps) {
  return (name: Typed, label: string, hint?: string, inputMode: "numeric" | "decimal" | "text" = "numeric") => (
    <TextField
      key={name}
      label={label}
      {...(hint === undefined ? {} : { hint })}
      inputMode={inputMode}
      value={fields[name]}
      problem={problems[name]}
      onInput={(value) => change({ [name]: value })}
    />
  );
}

export function DataFields({ client, ...props }: TrainingFieldsProps & { client: ParitabClient }) {
  const { fields, problems, change } = props;
  const { data } = texts;
  const text = textFieldsOf(props);
  return (
    <fieldset>
      <legend>{data.legend}</legend>
      <div class="fields">
        <div>
          {SOURCES.map((source) => (
            <label key={source} class="choice">
              <input
                type="radio"
                name="training-source"
                checked={fields.source === source}
                onChange={() => change(withSource(fields, source))}
              />
              {data.sources[source]}
            </label>
          ))}
        </div>
        {fields.source !== "uploads" && (
          <>
            <p class="hint">{data.hints[fields.source]}</p>
            {text("rows", data.rows, data.rowsHint)}
          </>
        )}
        {fields.source === "uploads" && (
          <>
            <UploadField
              label={data.features}
              hint={data.featuresHint}
              client={client}
              file={fields.features}
              problem={problems.features}
              onChange={(features) => change({ features })}
            />
            <UploadField
              label={data.labels}
              hint={data.labelsHint}
              client={client}
              file={fields.labels}
              problem={problems.labels}
              onChange={(labels) => change({ labels })}
            />
            {text("inputScale", data.inputScale, data.inputScaleHint, "text")}
          </>
        )}
      </div>
    </fieldset>
  );
}

export function CodeFields(props: TrainingFieldsProps) {
  const { fields, problems, change } = props;
  const { code } = texts;
  const text = textFieldsOf(props);
  const colluders = Number(fields.colluders);
  return (
    <fieldset>
      <legend>{code.legend}</legend>
      <div class="fields">
        <Field label={code.scheme} hint={training.schemes[fields.scheme].means} problem={problems.scheme}>
          {(ids) => (
            <select
              {...ids}
              value={fields.scheme}
              onChange={({ currentTarget }) =>
                change(withScheme(fields, currentTarget.value as TrainingFields["scheme"]))
              }
            >
              {SCHEMES.map((scheme) => (
                <option key={scheme} value={scheme}>
                  {training.schemes[scheme].name}
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
            {training.privacy(colluders)} {code.byInvitation}
          </p>
        )}
        {training.schemes[fields.scheme].trust !== null && (
          <p class="note warn">{training.schemes[fields.scheme].trust}</p>
        )}
      </div>
    </fieldset>
  );
}

export function DescentFields(props: TrainingFieldsProps) {
  const { fields, problems, change } = props;
  const { descent } = texts;
  const text = textFieldsOf(props);
  return (
    <fieldset>
      <legend>{descent.legend}</legend>
      <div class="fields">
        <Field label={descent.model} hint={training.models[fields.model].means} problem={problems.model}>
          {(ids) => (
            <select
              {...ids}
              value={fields.model}
              onChange={({ currentTarget }) => change({ model: currentTarget.value as TrainingFields["model"] })}
            >
              {MODELS.map((model) => (
                <option key={model} value={model}>
                  {training.models[model].name}
                </option>
              ))}
            </select>
          )}
        </Field>
        <div class="fields row">
          {text("iterations", descent.iterations)}
          {text("learningRate", descent.learningRate, undefined, "decimal")}
        </div>
        <div class="fields row">
          {text("momentum", descent.momentum, descent.momentumHint, "decimal")}
          {text("l2", descent.l2, descent.l2Hint, "decimal")}
        </div>
        <div class="fields row">
          {text("validationShare", descent.validationShare, descent.validationShareHint, "decimal")}
          {text("patience", descent.patience, descent.patienceHint)}
        </div>
      </div>
    </fieldset>
  );
}

export function NameFields({ fields, problems, change }: TrainingFieldsProps) {
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
          placeholder={names.defaults[fields.source]}
          onInput={(name) => change({ name })}
        />
        <TextField
          label={names.submitter}
          hint={names.hint}
          value={fields.submitter}
          problem={problems.submitter}
          maxLength={NAME_LENGTH_MAX}
          placeholder={names.defaults.submitter}
          onInput={(submitter) => change({ submitter })}
        />
      </div>
    </fieldset>
  );
}
