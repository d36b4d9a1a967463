import { useState } from "preact/hooks";
import { NAME_LENGTH_MAX } from "../../shared/protocol/limits.ts";
import { TextField } from "../ui/field.tsx";
import { dashboard } from "../ui/texts.ts";
import type { DashboardStore } from "./dashboard-store.ts";
import { hashOf } from "./open-job.ts";
import { SchemeFields } from "./scheme-fields.tsx";
import { SourceFields } from "./source-fields.tsx";
import { EMPTY_FORM, type FormFields, readForm } from "./submission-form.ts";
import { type SubmitStep, submit } from "./submit.ts";

const texts = dashboard.form;

export interface FieldsProps {
  readonly fields: FormFields;
  change(changes: Partial<FormFields>): void;
}

type Progress =
  | { kind: "idle" }
  | { kind: "sending"; step: SubmitStep }
  | { kind: "sent"; name: string }
  | { kind: "failed"; problems: readonly string[] };

export function SubmitForm({ store }: { store: DashboardStore }) {
  const [fields, setFields] = useState<FormFields>(EMPTY_FORM);
  const [progress, setProgress] = useState<Progress>({ kind: "idle" });
  const change = (changes: Partial<FormFields>) => setFields((before) => ({ ...before, ...changes }));

  async function send(): Promise<void> {
    const form = readForm(fields);
    if ("problems" in form) {
      setProgress({ kind: "failed", problems: form.problems });
      return;
    }
    try {
      const { jobId } = await submit(store.client, form, (step) => setProgress({ kind: "sending", step }));
      setProgress({ kind: "sent", name: form.rest.name });
      location.hash = hashOf(jobId);
      store.refresh();
    } catch (error) {
      setProgress({ kind: "failed", problems: [(error as Error).message] });
    }
  }

  return (
    <section class="panel" aria-labelledby="form-title">
      <h2 id="form-title">{texts.title}</h2>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        <SourceFields fields={fields} change={change} />
        <SchemeFields fields={fields} change={change} tabsReady={store.status.value?.sessionsReady ?? null} />
        <FinishFields fields={fields} change={change} />
        <button type="submit" class="primary wide" disabled={progress.kind === "sending"}>
          {progress.kind === "sending" ? texts.uploading[progress.step] : texts.submit}
        </button>
        <Outcome progress={progress} />
      </form>
    </section>
  );
}

function FinishFields({ fields, change }: FieldsProps) {
  const { finish, defaultNames } = texts;
  return (
    <fieldset>
      <legend>{finish.legend}</legend>
      <div class="fields">
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
