import type { ComponentChildren } from "preact";
import { useId, useState } from "preact/hooks";
import type { CodedEstimate } from "../../shared/coded/estimate.ts";
import type { JobSubmitted } from "../../shared/protocol/job-api.ts";
import type { Dashboard } from "../kinds/job-pages.ts";
import { hashOf } from "../ui/jobs/job-address.ts";
import { type EstimateState, useEstimate } from "../ui/jobs/use-estimate.ts";
import type { FieldProblems, FormProps, Reading } from "./coded-form.ts";
import { codedTexts } from "./coded-texts.ts";
import { EstimateBox } from "./estimate-box.tsx";
import { type Invitations, InvitationsPanel, invitationLink } from "./invitations.tsx";
import { type Places, problemsByField } from "./problems-by-field.ts";

const texts = codedTexts.form;

type Progress =
  | { kind: "idle" }
  | { kind: "sending" }
  | { kind: "sent"; name: string }
  /** By the coordinator, in its words; or by the form itself, whose problems stand beside the fields. */
  | { kind: "failed"; message: string | null };

interface CodedPanelProps<Fields extends object, Submission extends { name?: string | undefined }> {
  readonly dashboard: Dashboard;
  readonly isShown: boolean;
  readonly words: { readonly title: string; readonly lead: string; readonly submit: string };
  readonly fieldsAtFirst: Fields;
  /** That no file was chosen for them is no mistake before somebody submits. */
  readonly fileFields: readonly (keyof Fields)[];
  readonly places: Places<keyof Fields & string>;
  read(fields: Fields): Reading<Fields, Submission>;
  /** The same function at every drawing. */
  readonly ask: (submission: Submission, signal: AbortSignal) => Promise<CodedEstimate>;
  /** One of what the run goes on by: "iteration". */
  readonly step: string;
  /** How many there will be. */
  stepsOf(submission: Submission, estimate: CodedEstimate): number;
  submit(submission: Submission): Promise<JobSubmitted>;
  /** The form's fields. */
  children(props: FormProps<Fields>): ComponentChildren;
}

/** The form of a coded job, with its predicted cost; after it the invitations, where it runs by invitation. */
export function CodedPanel<Fields extends object, Submission extends { name?: string | undefined }>(
  props: CodedPanelProps<Fields, Submission>,
) {
  const { dashboard, isShown, words } = props;
  const titleId = useId();
  const [fields, setFields] = useState(props.fieldsAtFirst);
  const [progress, setProgress] = useState<Progress>({ kind: "idle" });
  const [invitations, setInvitations] = useState<Invitations | null>(null);
  const reading = props.read(fields);
  const submission = "submission" in reading ? reading.submission : null;
  const tabsReady = dashboard.status.value?.sessionsReady ?? null;
  const estimate = useEstimate(props.ask, isShown ? submission : null, tabsReady);
  const { problems, rest } = findings(props, reading, estimate, progress);
  // What was wrong may have come right by itself, as an upload that has ended.
  const listed = [...rest, ...(progress.kind === "failed" ? Object.values(problems).map(String) : [])];

  function change(changes: Partial<Fields>): void {
    setFields((before) => ({ ...before, ...changes }));
    if (progress.kind === "failed") setProgress({ kind: "idle" });
  }

  async function send(): Promise<void> {
    if (submission === null) {
      setProgress({ kind: "failed", message: null });
      return;
    }
    setProgress({ kind: "sending" });
    try {
      const { jobId, invitations: tokens = [] } = await props.submit(submission);
      const jobName = submission.name ?? "";
      if (tokens.length > 0) {
        setInvitations({ jobName, links: tokens.map((token) => invitationLink(location.origin, token)) });
      }
      setProgress({ kind: "sent", name: jobName });
      location.hash = hashOf(jobId);
      dashboard.refresh();
    } catch (error) {
      setProgress({ kind: "failed", message: (error as Error).message });
    }
  }

  return (
    <>
      {invitations !== null && <InvitationsPanel invitations={invitations} done={() => setInvitations(null)} />}
      <section class="panel" aria-labelledby={titleId}>
        <h2 id={titleId}>{words.title}</h2>
        <p class="hint training-lead">{words.lead}</p>
        <form
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            void send();
          }}
        >
          {props.children({ fields, problems, change })}
          <EstimateBox
            step={props.step}
            state={estimate}
            stepsOf={(known) => (submission === null ? 0 : props.stepsOf(submission, known))}
          />
          <button type="submit" class="primary wide" disabled={progress.kind === "sending"}>
            {progress.kind === "sending" ? texts.submitting : words.submit}
          </button>
          {listed.length > 0 && (
            <div class="note error" role="alert">
              {progress.kind === "failed" && <strong>{texts.failed}</strong>}
              <ul>
                {listed.map((problem) => (
                  <li key={problem}>{problem}</li>
                ))}
              </ul>
            </div>
          )}
          <p role="status">{progress.kind === "sent" ? texts.submitted(progress.name) : ""}</p>
        </form>
      </section>
    </>
  );
}

/** What is wrong and where: the form's own findings, else the coordinator's on the cost or on the submission. */
function findings<Fields extends object, Submission>(
  { fileFields, places }: { fileFields: readonly (keyof Fields)[]; places: Places<keyof Fields & string> },
  reading: Reading<Fields, Submission>,
  estimate: EstimateState<CodedEstimate>,
  progress: Progress,
): { problems: FieldProblems<Fields>; rest: string[] } {
  if ("problems" in reading) {
    const problems = { ...reading.problems };
    if (progress.kind !== "failed") for (const field of fileFields) delete problems[field];
    return { problems, rest: [] };
  }
  const message = progress.kind === "failed" ? progress.message : estimate.kind === "refused" ? estimate.message : null;
  if (message === null) return { problems: {}, rest: [] };
  const { fields, rest } = problemsByField(message, places);
  return { problems: fields as FieldProblems<Fields>, rest };
}
