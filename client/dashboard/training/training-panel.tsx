import { useState } from "preact/hooks";
import { training } from "../../ui/training-texts.ts";
import type { DashboardStore } from "../dashboard-store.ts";
import { hashOf } from "../open-job.ts";
import { EstimateBox } from "./estimate-box.tsx";
import { type Invitations, InvitationsPanel, invitationLink } from "./invitations.tsx";
import { problemsByField } from "./problems-by-field.ts";
import { CodeFields, DataFields, DescentFields, NameFields } from "./training-fields.tsx";
import { fieldsFor, readTrainingForm, type TrainingFields } from "./training-form.ts";
import { useEstimate } from "./use-estimate.ts";

const texts = training.form;

type Progress =
  | { kind: "idle" }
  | { kind: "sending" }
  | { kind: "sent"; name: string }
  /** By the coordinator, in its words; or by the form itself, whose problems stand beside the fields. */
  | { kind: "failed"; message: string | null };

/** The form of a gradient job, with its predicted cost; after it the invitations, where it runs by invitation. */
export function TrainingPanel({ store, isShown }: { store: DashboardStore; isShown: boolean }) {
  const [fields, setFields] = useState<TrainingFields>(() => fieldsFor("gisette-like"));
  const [progress, setProgress] = useState<Progress>({ kind: "idle" });
  const [invitations, setInvitations] = useState<Invitations | null>(null);
  const form = readTrainingForm(fields);
  const submission = "submission" in form ? form.submission : null;
  const tabsReady = store.status.value?.sessionsReady ?? null;
  const estimate = useEstimate(store.client, isShown ? submission : null, tabsReady);
  const { problems, rest } = findings(form, estimate, progress);

  function change(changes: Partial<TrainingFields>): void {
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
      const { jobId, invitations: tokens = [] } = await store.client.submitGradient(submission);
      const jobName = submission.name ?? "";
      if (tokens.length > 0) {
        setInvitations({ jobName, links: tokens.map((token) => invitationLink(location.origin, token)) });
      }
      setProgress({ kind: "sent", name: jobName });
      location.hash = hashOf(jobId);
      store.refresh();
    } catch (error) {
      setProgress({ kind: "failed", message: (error as Error).message });
    }
  }

  const props = { fields, problems, change };
  return (
    <>
      {invitations !== null && <InvitationsPanel invitations={invitations} done={() => setInvitations(null)} />}
      <section class="panel" aria-labelledby="training-title">
        <h2 id="training-title">{training.title}</h2>
        <p class="hint training-lead">{training.lead}</p>
        <form
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            void send();
          }}
        >
          <DataFields {...props} client={store.client} />
          <CodeFields {...props} />
          <DescentFields {...props} />
          <NameFields {...props} />
          <EstimateBox state={estimate} iterations={submission?.iterations ?? 0} />
          <button type="submit" class="primary wide" disabled={progress.kind === "sending"}>
            {progress.kind === "sending" ? texts.submitting : texts.submit}
          </button>
          {(progress.kind === "failed" || rest.length > 0) && (
            <div class="note error" role="alert">
              {progress.kind === "failed" && <strong>{texts.failed}</strong>}
              <ul>
                {[...rest, ...Object.values(progress.kind === "failed" ? problems : {})].map((problem) => (
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
function findings(
  form: ReturnType<typeof readTrainingForm>,
  estimate: ReturnType<typeof useEstimate>,
  progress: Progress,
) {
  if ("problems" in form) return { problems: visible(form.problems, progress), rest: [] };
  const message = progress.kind === "failed" ? progress.message : estimate.kind === "refused" ? estimate.message : null;
  if (message === null) return { problems: {}, rest: [] };
  const { fields, rest } = problemsByField(message);
  return { problems: fields, rest };
}

/** Files that were not chosen yet are no mistake before somebody submits. */
function visible(
  problems: Extract<ReturnType<typeof readTrainingForm>, { problems: object }>["problems"],
  progress: Progress,
) {
  if (progress.kind === "failed") return problems;
  const { features: _features, labels: _labels, ...rest } = problems;
  return rest;
}
