import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { NAME_LENGTH_MAX, PURPOSE_LENGTH_MAX } from "../../../../shared/protocol/limits.ts";
import { Field, TextField } from "../../../ui/field.tsx";
import { files as fileTexts } from "../../../ui/files/file-texts.ts";
import { hashOf } from "../../../ui/jobs/job-address.ts";
import { useEstimate } from "../../../ui/jobs/use-estimate.ts";
import type { FormProps } from "../../job-pages.ts";
import { inferenceTexts } from "../inference-texts.ts";
import { estimateRequest } from "./dial/estimate-request.ts";
import { RedundancyDial } from "./dial/redundancy-dial.tsx";
import { useLocalModel } from "./dial/use-local-model.ts";
import { DryRunPanel } from "./dry-run/dry-run-panel.tsx";
import { DataPreview } from "./preview/data-preview.tsx";
import { usePreview } from "./preview/use-preview.ts";
import { ProtectionFields } from "./scheme-fields.tsx";
import { SourceFields } from "./source-fields.tsx";
import { EMPTY_FORM, type FormFields, readForm } from "./submission-form.ts";
import { type SubmitStep, submit } from "./submit.ts";
import { purpose } from "./submit-texts.ts";
import { useNumbers } from "./use-numbers.ts";

const texts = inferenceTexts.form;

export interface FieldsProps {
  readonly fields: FormFields;
  change(changes: Partial<FormFields>): void;
}

type Progress =
  | { kind: "idle" }
  | { kind: "sending"; step: SubmitStep }
  | { kind: "sent"; name: string }
  | { kind: "failed"; problems: readonly string[] };

/** Three steps on one page: the data, what the job must survive, and a last look before it is sent. */
export function SubmitForm({ dashboard, isShown }: FormProps) {
  const [typed, setFields] = useState<FormFields>(EMPTY_FORM);
  const [progress, setProgress] = useState<Progress>({ kind: "idle" });
  const change = (changes: Partial<FormFields>) => setFields((before) => ({ ...before, ...changes }));
  const tabsReady = dashboard.status.value?.sessionsReady ?? null;
  const model = useLocalModel(typed);
  const numbers = useNumbers(model.kind === "there" ? model.inputShape : null);
  const { queriesFile, labelsFile } = numbers;
  const fields: FormFields = { ...typed, queriesFile, labelsFile };
  const preview = usePreview(dashboard.client, fields);
  const request = estimateRequest(
    fields,
    preview.kind === "there" ? preview.preview : null,
    model.kind === "there" ? model.sizes : null,
  );
  const dialState = useEstimate(dashboard.client.estimateInference, isShown ? request : null, tabsReady);

  async function send(): Promise<void> {
    const unread = numbers.isReading ? fileTexts.stillReading : numbers.problem;
    if (fields.source === "uploads" && unread !== null) {
      setProgress({ kind: "failed", problems: [unread] });
      return;
    }
    const form = readForm(fields);
    if ("problems" in form) {
      setProgress({ kind: "failed", problems: form.problems });
      return;
    }
    try {
      const { jobId } = await submit(dashboard.client, form, (step) => setProgress({ kind: "sending", step }));
      setProgress({ kind: "sent", name: form.rest.name ?? "" });
      location.hash = hashOf(jobId);
      dashboard.refresh();
    } catch (error) {
      setProgress({ kind: "failed", problems: [(error as Error).message] });
    }
  }

  return (
    <section class="panel" aria-labelledby="form-title">
      <h2 id="form-title">{texts.title}</h2>
      <form
        class="steps"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        <SourceFields
          fields={fields}
          change={change}
          numbers={numbers}
          modelProblem={model.kind === "refused" ? model.message : undefined}
        >
          <DataPreview state={preview} />
        </SourceFields>
        <ProtectionFields fields={fields} change={change} tabsReady={tabsReady}>
          <RedundancyDial state={dialState} fields={fields} change={change} />
        </ProtectionFields>
        <SendFields fields={fields} change={change}>
          <DryRunPanel client={dashboard.client} fields={fields} preview={preview} />
        </SendFields>
        <button type="submit" class="primary wide" disabled={progress.kind === "sending"}>
          {progress.kind === "sending" ? texts.uploading[progress.step] : texts.submit}
        </button>
        <Outcome progress={progress} />
      </form>
    </section>
  );
}

function SendFields({ fields, change, children }: FieldsProps & { children: ComponentChildren }) {
  const { finish, defaultNames } = texts;
  return (
    <fieldset>
      <legend>{finish.legend}</legend>
      <div class="fields">
        {children}
        <div role="radiogroup" aria-label={finish.completion}>
          {(["exact", "fast"] as const).map((completion) => (
            <label key={completion} class="choice">
              <input
                type="radio"
                name="completion"
                checked={fields.completion === completion}
                onChange={() => change({ completion })}
              />
              {finish[completion]}
            </label>
          ))}
        </div>
        <TextField
          label={finish.name}
          value={fields.name}
          maxLength={NAME_LENGTH_MAX}
          placeholder={fields.source === "sample" ? defaultNames.sample : defaultNames.uploads}
          onInput={(name) => change({ name })}
        />
        <TextField
          label={finish.submitter}
          hint={finish.submitterHint}
          value={fields.submitter}
          maxLength={NAME_LENGTH_MAX}
          placeholder={defaultNames.submitter}
          onInput={(submitter) => change({ submitter })}
        />
        <Field label={purpose.label} hint={purpose.hint}>
          {(ids) => (
            <textarea
              {...ids}
              rows={3}
              maxLength={PURPOSE_LENGTH_MAX}
              value={fields.purpose}
              onInput={({ currentTarget }) => change({ purpose: currentTarget.value })}
            />
          )}
        </Field>
      </div>
    </fieldset>
  );
}

function Outcome({ progress }: { progress: Progress }) {
  if (progress.kind === "failed") {
    return (
      <div class="note error" role="alert">
        <strong>{texts.failed}</strong>
        <ul>
          {progress.problems.map((problem) => (
            <li key={problem}>{problem}</li>
          ))}
        </ul>
      </div>
    );
  }
  return <p role="status">{progress.kind === "sent" ? texts.submitted(progress.name) : ""}</p>;
}
