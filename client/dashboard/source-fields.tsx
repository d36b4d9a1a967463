import type { ComponentChildren } from "preact";
import { TASKS } from "../../shared/protocol/api.ts";
import { Field, TextField } from "../ui/field.tsx";
import { dashboard } from "../ui/texts.ts";
import type { FieldsProps } from "./submit-form.tsx";

const texts = dashboard.form.source;

/** The built-in sample, or files of one's own. */
export function SourceFields({ fields, change, children }: FieldsProps & { children: ComponentChildren }) {
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
        {fields.source === "sample" ? (
          <SampleFields fields={fields} change={change} />
        ) : (
          <UploadFields fields={fields} change={change} />
        )}
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

function UploadFields({ fields, change }: FieldsProps) {
  return (
    <>
      <ModelField label={texts.model} hint={texts.modelHint} onFiles={(modelFiles) => change({ modelFiles })} />
      {fields.scheme === "parm" && (
        <ModelField label={texts.parity} hint={texts.parityHint} onFiles={(parityFiles) => change({ parityFiles })} />
      )}
      <FileField label={texts.queries} hint={texts.queriesHint} onFile={(queriesFile) => change({ queriesFile })} />
      <FileField label={texts.labels} hint={texts.labelsHint} onFile={(labelsFile) => change({ labelsFile })} />
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

/** An .onnx file, or model.json and its weight files, chosen together. */
function ModelField({ label, hint, onFiles }: { label: string; hint: string; onFiles(files: File[]): void }) {
  return (
    <Field label={label} hint={hint}>
      {(ids) => (
        <input
          {...ids}
          type="file"
          multiple
          onChange={({ currentTarget }) => onFiles([...(currentTarget.files ?? [])])}
        />
      )}
    </Field>
  );
}

function FileField({ label, hint, onFile }: { label: string; hint: string; onFile(file: File | null): void }) {
  return (
    <Field label={label} hint={hint}>
      {(ids) => (
        <input
          {...ids}
          type="file"
          accept=".npy"
          onChange={({ currentTarget }) => onFile(currentTarget.files?.[0] ?? null)}
        />
      )}
    </Field>
  );
}
