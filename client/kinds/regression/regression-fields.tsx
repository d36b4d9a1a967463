/** The fields that only a regression has: which data, and how it descends. */
import type { RegressionModel } from "../../../shared/kinds/regression/submission.ts";
import type { ParitabClient } from "../../../shared/sdk/paritab-client.ts";
import type { FormProps } from "../../coded/coded-form.ts";
import { textFieldsOf } from "../../coded/text-fields.tsx";
import { UploadField } from "../../coded/upload-field.tsx";
import { Field } from "../../ui/field.tsx";
import { type RegressionFields, type RegressionSource, withSource } from "./regression-form.ts";
import { regressionTexts } from "./regression-texts.ts";

const texts = regressionTexts.form;
const SOURCES: readonly RegressionSource[] = ["gisette-like", "mnist", "uploads"];
// From the texts: the schema's own list would bring the whole schema library along.
const MODELS = Object.keys(regressionTexts.models) as RegressionModel[];

/** A linear regression learns any numbers. */
const ANY_LABELS = { anyLabels: true };
const WIDE = { isWide: true };

type RegressionFieldsProps = FormProps<RegressionFields>;

export function DataFields({ client, ...props }: RegressionFieldsProps & { client: ParitabClient }) {
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
                name="regression-source"
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
              kind={ANY_LABELS}
              onChange={(features) => change({ features })}
              onLabels={(labels) => change({ labels: labels ?? { kind: "none" }, areLabelsOfTable: labels !== null })}
            />
            {!fields.areLabelsOfTable && (
              <UploadField
                label={data.labels}
                hint={data.labelsHint}
                client={client}
                file={fields.labels}
                problem={problems.labels}
                kind={WIDE}
                onChange={(labels) => change({ labels })}
              />
            )}
            {text("inputScale", data.inputScale, data.inputScaleHint, "text")}
          </>
        )}
      </div>
    </fieldset>
  );
}

export function DescentFields(props: RegressionFieldsProps) {
  const { fields, problems, change } = props;
  const { descent } = texts;
  const text = textFieldsOf(props);
  return (
    <fieldset>
      <legend>{descent.legend}</legend>
      <div class="fields">
        <Field label={descent.model} hint={regressionTexts.models[fields.model].means} problem={problems.model}>
          {(ids) => (
            <select
              {...ids}
              value={fields.model}
              onChange={({ currentTarget }) => change({ model: currentTarget.value as RegressionFields["model"] })}
            >
              {MODELS.map((model) => (
                <option key={model} value={model}>
                  {regressionTexts.models[model].name}
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
