import type { ParitabClient } from "../../../shared/sdk/paritab-client.ts";
import { CodedForm, codeStep, NAMES_STEP } from "../../coded/coded-form.tsx";
import { UploadField } from "../../coded/upload-field.tsx";
import type { FormState, FormStep } from "../../ui/form/field-specs.ts";
import type { FormProps } from "../job-pages.ts";
import { REGRESSION_FORM, type RegressionFields } from "./regression-form.ts";
import { REGRESSION_WORDS } from "./regression-receipt.ts";
import { regressionTexts } from "./regression-texts.ts";

const { title, lead, form: texts } = regressionTexts;
const WORDS = { ...REGRESSION_WORDS, title, lead, submit: texts.submit };
/** A column of numbers that are categories is declared on the command line alone; here it can be told apart by its words. */
const FRAME = { asFrame: { categoriesAdvice: regressionTexts.form.data.categoriesAdvice } };
const WIDE = { isWide: true, anyLabels: true };

export function RegressionForm({ dashboard, isShown }: FormProps) {
  const { client } = dashboard;
  return (
    <CodedForm
      dashboard={dashboard}
      isShown={isShown}
      words={WORDS}
      form={REGRESSION_FORM}
      steps={stepsWith(client)}
      ask={client.estimate}
      submit={(submission) => client.submit(submission)}
    />
  );
}

function stepsWith(client: ParitabClient): FormStep<RegressionFields>[] {
  const { data, descent } = texts;
  return [
    {
      legend: data.legend,
      parts: [
        "source",
        ({ fields: { source } }) => source !== "uploads" && <p class="hint">{data.hints[source]}</p>,
        "rows",
        (state) => state.fields.source === "uploads" && <OwnData client={client} {...state} />,
        "inputScale",
      ],
    },
    codeStep(WORDS),
    {
      legend: descent.legend,
      parts: [
        ["model", "validationShare"],
        {
          summary: descent.more,
          parts: [
            ["standardise", "intercept"],
            ["l2", "tolerance"],
            ["iterations", "patience"],
            ["learningRate", "momentum"],
            "featureBits",
          ],
        },
      ],
    },
    NAMES_STEP,
  ];
}

function OwnData({ client, fields, problems, change }: FormState<RegressionFields> & { client: ParitabClient }) {
  const { data } = texts;
  return (
    <>
      <UploadField
        label={data.features}
        hint={data.featuresHint}
        client={client}
        file={fields.features}
        problem={problems.features}
        kind={FRAME}
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
    </>
  );
}
