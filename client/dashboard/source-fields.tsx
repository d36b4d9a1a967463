import { Field, TextField } from "../ui/field.tsx";
import { dashboard } from "../ui/texts.ts";
import type { FieldsProps } from "./submit-form.tsx";

const texts = dashboard.form.source;

/** The built-in sample, or files of one's own. */
export function SourceFields({ fields, change }: FieldsProps) {
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
      <Field label={texts.model} hint={texts.modelHint}>
        {(ids) => (
          <input
            {...ids}
            type="file"
            multiple
            onChange={({ currentTarget }) => change({ modelFiles: [...(currentTarget.files ?? [])] })}
          />
        )}
      </Field>
      <FileField label={texts.queries} hint={texts.queriesHint} onFile={(queriesFile) => change({ queriesFile })} />
      <FileField label={texts.labels} hint={texts.labelsHint} onFile={(labelsFile) => change({ labelsFile })} />
      <TextField
        label={texts.inputScale}
        hint={texts.inputScaleHint}
        inputMode="text"
        value={fields.inputScale}
        onInput={(inputScale) => change({ inputScale })}
      />
    </>
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
