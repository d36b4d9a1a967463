import type { ModelInput } from "../../../../../shared/compute/model-runtime.ts";
import { Field, TextField } from "../../../../ui/field.tsx";
import { NUMBERS_ENDINGS } from "../../../../ui/files/numbers-file.ts";
import type { FormState } from "../../../../ui/form/field-specs.ts";
import type { InferenceFields } from "../inference-fields.ts";
import { inputsTexts, sizesTexts } from "./inputs-texts.ts";
import { typedFor, typedSizeProblem } from "./open-sizes.ts";
import type { ChosenInputs } from "./use-inputs.ts";

/** A size for each dimension that the model's file leaves open. */
export function SizeFields({ fields, problems, change }: FormState<InferenceFields>) {
  const { openSizes, sizes } = fields;
  if (openSizes.length === 0) return null;
  return (
    <div class="fields row">
      {openSizes.map((name) => {
        const isTold = problems.sizes !== undefined || typedFor(name, sizes).trim() !== "";
        return (
          <TextField
            key={name}
            label={sizesTexts.size(name)}
            hint={sizesTexts.hint}
            inputMode="numeric"
            problem={(isTold && typedSizeProblem(name, sizes)) || undefined}
            value={typedFor(name, sizes)}
            onInput={(text) => change({ sizes: { ...sizes, [name]: text } })}
          />
        );
      })}
    </div>
  );
}

interface InputFieldsProps {
  readonly inputs: readonly ModelInput[];
  readonly chosen: ChosenInputs;
}

/** In place of one archive: a file for each input. */
export function InputFields({ inputs, chosen }: InputFieldsProps) {
  return (
    <details class="folded">
      <summary>{inputsTexts.each}</summary>
      <div class="fields">
        {inputs.map(({ name, shape, dtype }) => (
          <Field key={name} label={inputsTexts.input(name, shape, dtype)}>
            {(ids) => (
              <input
                {...ids}
                type="file"
                accept={NUMBERS_ENDINGS}
                onChange={({ currentTarget }) => chosen.pick(name, currentTarget.files?.[0] ?? null)}
              />
            )}
          </Field>
        ))}
      </div>
    </details>
  );
}
