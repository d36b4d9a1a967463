import { SCHEMES } from "../../../../shared/coding/schemes/schemes.ts";
import { anyModel } from "../../../../shared/compute/model-files.ts";
import type { ModelInput } from "../../../../shared/compute/model-runtime.ts";
import { Field } from "../../../ui/field.tsx";
import { ColumnChoice } from "../../../ui/files/column-choice.tsx";
import { files as fileTexts } from "../../../ui/files/file-texts.ts";
import { NUMBERS_ENDINGS } from "../../../ui/files/numbers-file.ts";
import type { FormState } from "../../../ui/form/field-specs.ts";
import { inferenceTexts } from "../inference-texts.ts";
import type { InferenceFields } from "./inference-fields.ts";
import { InputFields, SizeFields } from "./inputs/inputs-fields.tsx";
import { inputsTexts } from "./inputs/inputs-texts.ts";
import type { ChosenInputs } from "./inputs/use-inputs.ts";
import type { ChosenNumbers } from "./use-numbers.ts";

const texts = inferenceTexts.form.source;

interface OwnFilesProps extends FormState<InferenceFields> {
  readonly numbers: ChosenNumbers;
  /** Of the model, once it is known. */
  readonly inputs: readonly ModelInput[];
  readonly chosenInputs: ChosenInputs;
  readonly modelProblem: string | undefined;
}

/** A model and queries of one's own. */
export function OwnFiles({ numbers, inputs, chosenInputs, modelProblem, ...state }: OwnFilesProps) {
  const { fields, problems, change } = state;
  const { columns, labelColumn } = numbers;
  const isByInput = inputs.length > 1;
  function pickQueries(files: File[]): void {
    numbers.pickQueries(files);
    // Pixels are bytes, and models want them up to 1.
    const arePictures = files.length > 0 && files.every(({ name }) => /\.png$/i.test(name));
    change(arePictures && fields.inputScale === "1" ? { inputScale: "1/255" } : {});
  }
  return (
    <>
      <FilesField
        label={texts.model}
        hint={texts.modelHint(anyModel())}
        problem={modelProblem ?? problems.modelFiles}
        multiple
        onFiles={(modelFiles) => change({ modelFiles })}
      />
      <SizeFields {...state} />
      {SCHEMES[fields.scheme].takes.parityModel && (
        <FilesField
          label={texts.parity}
          hint={texts.parityHint}
          problem={problems.parityFiles}
          multiple
          onFiles={(parityFiles) => change({ parityFiles })}
        />
      )}
      <FilesField
        label={isByInput ? inputsTexts.archive : texts.queries}
        hint={isByInput ? inputsTexts.archiveHint(inputs.map(({ name }) => name)) : texts.queriesHint}
        accept={isByInput ? ".npz,.npy" : `${NUMBERS_ENDINGS},.png`}
        problem={(isByInput ? chosenInputs.problem : numbers.problem) ?? problems.queriesFile}
        multiple
        onFiles={pickQueries}
      />
      {isByInput && <InputFields inputs={inputs} chosen={chosenInputs} />}
      {!isByInput && columns !== null && (
        <ColumnChoice
          label={fileTexts.labelColumn}
          none={fileTexts.noColumn}
          columns={columns}
          chosen={labelColumn}
          choose={numbers.pickColumn}
        />
      )}
      {(isByInput || labelColumn === null) && (
        <FilesField
          label={texts.labels}
          hint={texts.labelsHint}
          accept={NUMBERS_ENDINGS}
          onFiles={([file]) => numbers.pickLabels(file ?? null)}
        />
      )}
    </>
  );
}

interface FilesFieldProps {
  readonly label: string;
  readonly hint: string;
  readonly accept?: string;
  readonly multiple?: boolean;
  readonly problem?: string | undefined;
  onFiles(files: File[]): void;
}

function FilesField({ label, hint, problem, onFiles, ...input }: FilesFieldProps) {
  return (
    <Field label={label} hint={hint} problem={problem}>
      {(ids) => (
        <input
          {...ids}
          {...input}
          type="file"
          onChange={({ currentTarget }) => onFiles([...(currentTarget.files ?? [])])}
        />
      )}
    </Field>
  );
}
