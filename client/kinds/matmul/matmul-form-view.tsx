import type { ParitabClient } from "../../../shared/sdk/paritab-client.ts";
import { CodedForm, codeStep, NAMES_STEP } from "../../coded/coded-form.tsx";
import { UploadField } from "../../coded/upload-field.tsx";
import type { FormState, FormStep } from "../../ui/form/field-specs.ts";
import type { FormProps } from "../job-pages.ts";
import { MATMUL_FORM, type MatmulFields } from "./matmul-form.ts";
import { MATMUL_WORDS } from "./matmul-receipt.ts";
import { matmulTexts } from "./matmul-texts.ts";

const { title, lead, form: texts } = matmulTexts;
const WORDS = { ...MATMUL_WORDS, title, lead, submit: texts.submit };
/** The product is exact: float32 would round whole numbers above 2^24. */
const WIDE = { isWide: true };

export function MatmulForm({ dashboard, isShown }: FormProps) {
  const { client } = dashboard;
  return (
    <CodedForm
      dashboard={dashboard}
      isShown={isShown}
      words={WORDS}
      form={MATMUL_FORM}
      steps={stepsWith(client)}
      ask={client.estimate}
      // A slice is a round.
      submit={(submission) => client.submit(submission)}
    />
  );
}

function stepsWith(client: ParitabClient): FormStep<MatmulFields>[] {
  const matrix = (name: "left" | "right") =>
    function Matrix({ fields, problems, change }: FormState<MatmulFields>) {
      return (
        <UploadField
          label={texts[name]}
          hint={texts[`${name}Hint`]}
          client={client}
          file={fields[name]}
          problem={problems[name]}
          kind={WIDE}
          onChange={(file) => change({ [name]: file })}
        />
      );
    };
  return [
    {
      legend: texts.legend,
      parts: [
        matrix("left"),
        matrix("right"),
        ["leftFractionBits", "rightFractionBits", "sliceColumns"],
        () => (
          <p class="hint">
            {texts.fractionBitsHint} {texts.sliceColumnsHint}
          </p>
        ),
      ],
    },
    codeStep(WORDS),
    NAMES_STEP,
  ];
}
