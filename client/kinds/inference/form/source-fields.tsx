import type { ComponentChildren } from "preact";
import { SCHEMES } from "../../../../shared/coding/schemes/schemes.ts";
import { anyModel } from "../../../../shared/compute/model-files.ts";
import { TASKS } from "../../../../shared/kinds/inference/submission.ts";
import { Field, TextField } from "../../../ui/field.tsx";
import { ColumnChoice } from "../../../ui/files/column-choice.tsx";
import { files as fileTexts } from "../../../ui/files/file-texts.ts";
import { inferenceTexts } from "../inference-texts.ts";
import type { FieldsProps } from "./submit-form.tsx";
import type { ChosenNumbers } from "./use-numbers.ts";

const texts = inferenceTexts.form.source;

interface OwnFieldsProps extends FieldsProps {
  readonly numbers: ChosenNumbers;
  readonly modelProblem: string | undefined;
}

/** The built-in sample, or files of one's own. */
export function SourceFields({ children, ...props }: OwnFieldsProps & { children: ComponentChildren }) {
  const { fields, change } = props;
  return (
    <fieldset>
      <legend>{texts.legend}</legend>
      <div class="fields">
        <div>
          {(["sample", "uploads"] as const).map((source) => (
            <label key={source} class="choice">
              <input
                type="radio"
                name="source"
                checked={fields.source === source}
                onChange={() => change({ source })}
              />
              {texts[source]}
            </label>
          ))}
        </div>
        {fields.source === "sample" ? <SampleFields fields={fields} change={change} /> : <UploadFields {...props} />}
        {children}
      </div>
    </fieldset>
  );
}

function SampleFields({ fields, change }: FieldsProps) {
  return (
    <>
      <p class="hint">{texts.sampleHint}</p>
      <div class="fields row">
        <TextField
          label={texts.queryCount}
          inputMode="numeric"
          value={fields.queryCount}
          onInput={(queryCount) => change({ queryCount })}
        />
        <TextField
          label={texts.queryStart}
          inputMode="numeric"
          value={fields.queryStart}
          onInput={(queryStart) => change({ queryStart })}
        />
      </div>
    </>
  );
}

function UploadFields({ fields, change, numbers, modelProblem }: OwnFieldsProps) {
  const { columns, labelColumn } = numbers;
  function pickQueries(files: File[]): void {
    numbers.pickQueries(files);
    // Pixels are bytes, and models want them up to 1.
    const arePictures = files.length > 0 && files.every(({ name }) => /\.png$/i.test(name));
    if (arePictures && fields.inputScale === "1") change({ inputScale: "1/255" });
  }
  return (
    <>
      <FilesField
        label={texts.model}
        hint={texts.modelHint(anyModel())}
        problem={modelProblem}
        multiple
        onFiles={(modelFiles) => change({ modelFiles })}
      />
      {SCHEMES[fields.scheme].takes.parityModel && (
        <FilesField
          label={texts.parity}
          hint={texts.parityHint}
          multiple
          onFiles={(parityFiles) => change({ parityFiles })}
        />
      )}
      <FilesField
        label={texts.queries}
        hint={texts.queriesHint}
        accept=".npy,.csv,.tsv,.txt,.png"
        problem={numbers.problem ?? undefined}
        multiple
        onFiles={pickQueries}
      />
      {columns !== null && (
        <ColumnChoice
          label={fileTexts.labelColumn}
          none={fileTexts.noColumn}
          columns={columns}
          chosen={labelColumn}
          choose={numbers.pickColumn}
        />
      )}
      {labelColumn === null && (
        <FilesField
          label={texts.labels}
          hint={texts.labelsHint}
          accept=".npy,.csv,.tsv,.txt"
          onFiles={([file]) => numbers.pickLabels(file ?? null)}
        />
      )}
      <TextField
        label={texts.inputScale}
        hint={texts.inputScaleHint}
        inputMode="text"
        value={fields.inputScale}
        onInput={(inputScale) => change({ inputScale })}
      />
      <Field label={texts.task} hint={texts.taskHint}>
        {(ids) => (
          <select
            {...ids}
            value={fields.task}
            onChange={({ currentTarget }) => change({ task: currentTarget.value as typeof fields.task })}
          >
            {TASKS.map((task) => (
              <option key={task} value={task}>
                {texts.tasks[task]}
              </option>
            ))}
          </select>
        )}
      </Field>
      <TextField
        label={texts.output}
        hint={texts.outputHint}
        inputMode="text"
        value={fields.output}
        onInput={(output) => change({ output })}
      />
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
