import type { ParitabClient } from "../../../shared/sdk/paritab-client.ts";
import type { FormProps } from "../../coded/coded-form.ts";
import { textFieldsOf } from "../../coded/text-fields.tsx";
import { UploadField } from "../../coded/upload-field.tsx";
import type { MatmulFields } from "./matmul-form.ts";
import { matmulTexts } from "./matmul-texts.ts";

const texts = matmulTexts.form;
/** The product is exact: float32 would round whole numbers above 2^24. */
const WIDE = { isWide: true };

/** Both matrices, how finely they are read, and how much of B goes out at a time. */
export function MatrixFields({ client, ...props }: FormProps<MatmulFields> & { client: ParitabClient }) {
  const { fields, problems, change } = props;
  const text = textFieldsOf(props);
  return (
    <fieldset>
      <legend>{texts.legend}</legend>
      <div class="fields">
        <UploadField
          label={texts.left}
          hint={texts.leftHint}
          client={client}
          file={fields.left}
          problem={problems.left}
          kind={WIDE}
          onChange={(left) => change({ left })}
        />
        <UploadField
          label={texts.right}
          hint={texts.rightHint}
          client={client}
          file={fields.right}
          problem={problems.right}
          kind={WIDE}
          onChange={(right) => change({ right })}
        />
        <div class="fields row">
          {text("leftFractionBits", texts.leftFractionBits)}
          {text("rightFractionBits", texts.rightFractionBits)}
          {text("sliceColumns", texts.sliceColumns)}
        </div>
        <p class="hint">
          {texts.fractionBitsHint} {texts.sliceColumnsHint}
        </p>
      </div>
    </fieldset>
  );
}
