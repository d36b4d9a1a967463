import { useState } from "preact/hooks";
import type { CodedEstimate } from "../../shared/coded/estimate.ts";
import { invitationLink } from "../../shared/coded/invitation-link.ts";
import { CODED_SCHEMES } from "../../shared/coding/coded-schemes/coded-schemes.ts";
import type { JobSubmitted } from "../../shared/protocol/job-api.ts";
import type { FormProps, SubmittedJob } from "../kinds/job-pages.ts";
import type { FormStep } from "../ui/form/field-specs.ts";
import { JobForm } from "../ui/form/job-form.tsx";
import type { NameFields } from "../ui/form/name-fields.ts";
import { useEstimate } from "../ui/jobs/use-estimate.ts";
import type { CodedFormFields, CodeFields } from "./code-fields.ts";
import { codedTexts } from "./coded-texts.ts";
import type { CodedWords } from "./coded-words.ts";
import { EstimateBox } from "./estimate-box.tsx";

const texts = codedTexts.form;

interface CodedFormProps<Fields, Submission> extends FormProps {
  readonly words: CodedWords & { readonly title: string; readonly lead: string; readonly submit: string };
  readonly form: CodedFormFields<Fields, Submission>;
  readonly steps: readonly FormStep<Fields>[];
  /** The same function at every drawing. */
  readonly ask: (submission: Submission, signal: AbortSignal) => Promise<CodedEstimate>;
  submit(submission: Submission): Promise<JobSubmitted>;
}

/** The form of a coded run, with its predicted cost. */
export function CodedForm<Fields extends CodeFields & NameFields, Submission extends { name?: string | undefined }>(
  props: CodedFormProps<Fields, Submission>,
) {
  const { dashboard, isShown, words, form } = props;
  const [fields, setFields] = useState(form.atFirst);
  const reading = form.read(fields);
  const submission = "submission" in reading ? reading.submission : null;
  const estimate = useEstimate(props.ask, isShown ? submission : null, dashboard.status.value?.sessionsReady ?? null);

  async function submit(ready: Submission): Promise<SubmittedJob> {
    const { jobId, invitations = [] } = await props.submit(ready);
    const links = invitations.map((token) => invitationLink(location.origin, token));
    return { jobId, name: ready.name ?? "", invitations: links };
  }

  return (
    <JobForm
      words={words}
      specs={form.specs}
      hints={form.hints}
      steps={props.steps}
      fields={fields}
      change={(changes) => setFields((before) => ({ ...before, ...changes }))}
      reading={reading}
      objection={estimate.kind === "failed" ? estimate.message : null}
      submit={submit}
      onSubmitted={dashboard.submitted}
    >
      <EstimateBox step={words.step} asked={estimate} />
    </JobForm>
  );
}

/** How the run is coded, with what that is worth. */
export function codeStep({ privacy }: CodedWords): FormStep<CodeFields> {
  return {
    legend: texts.code.legend,
    parts: [
      "scheme",
      ["dataVolunteers", "stragglers", "liars"],
      ["colluders", "volunteers", "shardsPerVolunteer"],
      ({ fields }) => <CodeNotes {...fields} privacy={privacy} />,
    ],
  };
}

function CodeNotes({ colluders, scheme, privacy }: CodeFields & Pick<CodedWords, "privacy">) {
  const { trust } = CODED_SCHEMES[scheme].words;
  return (
    <>
      {Number(colluders) > 0 && (
        <p class="note" data-testid="privacy">
          {privacy(Number(colluders))} {texts.code.byInvitation}
        </p>
      )}
      {trust !== null && <p class="note warn">{trust}</p>}
    </>
  );
}

export const NAMES_STEP: FormStep<NameFields> = { legend: texts.names, parts: ["name", "submitter"] };
