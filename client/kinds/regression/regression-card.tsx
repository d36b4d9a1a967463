import type { RegressionJobView } from "../../../shared/kinds/regression/job-view.ts";
import { JobFacts, JobNotes } from "../../coded/crowd-facts.tsx";
import { CancelButton, ReceiptButton, saveReceipt } from "../../coded/job-buttons.tsx";
import { ProgressLine } from "../../coded/progress-line.tsx";
import type { DashboardStore } from "../../dashboard/dashboard-store.ts";
import { JobFrame } from "../../ui/jobs/job-frame.tsx";
import { ReceiptLink } from "../../ui/jobs/receipt-link.tsx";
import { saveFile } from "../../ui/jobs/save-file.ts";
import { useAction } from "../../ui/jobs/use-action.ts";
import { dashboard } from "../../ui/texts.ts";
import { training } from "../../ui/training-texts.ts";
import { ago, figure, percent } from "../../ui/units.ts";
import { TrainingDetail } from "./regression-detail.tsx";

const texts = training.job;
const common = dashboard.jobs;

interface TrainingCardProps {
  readonly store: DashboardStore;
  readonly job: RegressionJobView;
  readonly isOpen: boolean;
  readonly nowMs: number;
}

/** A gradient job in the list: how far it is, how good the weights are, and what can be done with it. */
export function TrainingCard({ store, job, isOpen, nowMs }: TrainingCardProps) {
  const { finishedMs, submittedMs, endKind } = job;
  return (
    <JobFrame
      job={job}
      isOpen={isOpen}
      stateText={endKind === null ? common.states[job.state] : training.ends[endKind]}
      {...(endKind === "diverged" || endKind === "stopped" ? { stateTone: "warned" } : {})}
      details={<TrainingDetail store={store} job={job} />}
      actions={<Actions store={store} job={job} />}
    >
      <p class="hint">
        {common.by(job.submitter)},{" "}
        {finishedMs === null ? common.started(ago(submittedMs, nowMs)) : common.took(finishedMs - submittedMs)}
        <br />
        {training.models[job.model].name}, {texts.code(job)}, {texts.data(job.rows, job.columns, job.classes)}
      </p>
      <ProgressLine
        label={texts.progressLabel(job.name)}
        progress={texts.progress(job.iteration, job.iterations)}
        done={job.iteration}
        all={job.iterations}
        job={job}
      />
      <JobFacts job={job} own={ownFacts(job)} />
      <JobNotes job={job} ending={endKind === null || endKind === "done" ? null : endWords(job)} />
    </JobFrame>
  );
}

function endWords({ endKind, endReason, weightsOf }: RegressionJobView): string {
  const why = texts.ended(endKind!, endReason ?? "");
  return weightsOf === null ? why : `${why} ${texts.keptBest(weightsOf)}`;
}

/** The loss and what the weights get right. */
function ownFacts(job: RegressionJobView): (string | null)[] {
  const { facts } = texts;
  const of = <T,>(value: T | null, say: (value: T) => string) => (value === null ? null : say(value));
  return [
    of(job.loss, (loss) => facts.loss(figure(loss))),
    of(job.accuracy, (share) => facts.accuracy(percent(share))),
    of(job.validationAccuracy, (share) => facts.heldOut(percent(share))) ??
      of(job.validationLoss, (loss) => facts.heldOutLoss(figure(loss))),
  ];
}

function Actions({ store, job }: { store: DashboardStore; job: RegressionJobView }) {
  const { client } = store;
  const { busy, problem, act } = useAction(store);
  const saveWeights = async (format: "npy" | "json") => {
    const bytes = await client.weightsFile(job.jobId, format);
    const type = format === "npy" ? "application/octet-stream" : "application/json";
    saveFile(new Blob([bytes], { type }), `${job.jobId}-weights.${format}`);
  };
  return (
    <>
      {job.finishedMs === null && (
        <>
          {job.weightsOf !== null && (
            <button
              type="button"
              class="small"
              disabled={busy}
              title={texts.stopHint}
              aria-label={texts.stopNamed(job.name)}
              onClick={() => act(() => client.stop(job.jobId))}
            >
              {texts.stop}
            </button>
          )}
          <CancelButton name={job.name} busy={busy} onClick={() => act(() => client.cancel(job.jobId))} />
        </>
      )}
      <span class="downloads">
        {job.weightsOf !== null && texts.weights}
        {job.weightsOf !== null &&
          (["npy", "json"] as const).map((format) => (
            <button
              key={format}
              type="button"
              class="link"
              aria-label={texts.weightsNamed(job.name, format)}
              onClick={() => act(() => saveWeights(format))}
            >
              .{format}
            </button>
          ))}
        {job.finishedMs !== null && (
          <>
            <ReceiptLink job={job} />
            <ReceiptButton
              name={job.name}
              onClick={() => act(async () => saveReceipt(await client.gradientReceipt(job.jobId)))}
            />
          </>
        )}
      </span>
      {problem !== null && <span role="alert">{problem}</span>}
    </>
  );
}
