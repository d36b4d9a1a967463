import { EXPORT_FORMATS, type ExportFormat } from "../../../shared/kinds/regression/export-formats.ts";
import type { RegressionJobView } from "../../../shared/kinds/regression/job-view.ts";
import { iterationsOf } from "../../../shared/kinds/regression/kind.ts";
import { codedTexts } from "../../coded/coded-texts.ts";
import { JobFacts, JobNotes } from "../../coded/crowd-facts.tsx";
import { ProgressLine } from "../../coded/progress-line.tsx";
import { JobActions, JobButton, SaveButton } from "../../ui/jobs/job-actions.tsx";
import { JobFrame } from "../../ui/jobs/job-frame.tsx";
import { saveFile } from "../../ui/jobs/save-file.ts";
import { figure, percent } from "../../ui/units.ts";
import type { HeadProps } from "../job-pages.ts";
import { regressionTexts } from "./regression-texts.ts";

const texts = regressionTexts.job;

/** A regression: how far it is, how good the weights are, and what can be done with it. */
export function RegressionHead({ dashboard: page, job, children, ...frame }: HeadProps<RegressionJobView>) {
  const { endKind } = job;
  return (
    <JobFrame
      {...frame}
      job={job}
      settings={`${regressionTexts.models[job.model].name}, ${codedTexts.job.code(job)}, ${texts.data(job.rows, job.columns, job.classes)}`}
      actions={
        <Actions dashboard={page} job={job}>
          {children}
        </Actions>
      }
    >
      <ProgressLine
        label={texts.progressLabel(job.name)}
        progress={texts.progress(job.iteration, iterationsOf(job))}
        done={job.iteration}
        all={iterationsOf(job)}
        job={job}
      />
      <JobFacts job={job} own={ownFacts(job)} />
      <JobNotes job={job} ending={endKind === null || endKind === "done" ? null : endWords(job)} />
    </JobFrame>
  );
}

function endWords({ endKind, endReason, weightsOf }: RegressionJobView): string {
  const why = codedTexts.job.ended(endKind!, endReason ?? "");
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
    of(job.finishedMs === null ? null : job.distance, (share) => facts.distance(figure(100 * share))),
  ];
}

function Actions({ dashboard, job, children }: Pick<HeadProps<RegressionJobView>, "dashboard" | "job" | "children">) {
  const { client } = dashboard;
  const { jobId, name } = job;
  const saveModel = async (format: ExportFormat) => {
    const bytes = await client.modelFile(jobId, format);
    const type = format === "json" ? "application/json" : "application/octet-stream";
    saveFile(new Blob([bytes], { type }), `${jobId}-model.${format}`);
  };
  const saveWeights = async (format: "npy" | "json") => {
    const bytes = await client.weightsFile(jobId, format);
    const type = format === "npy" ? "application/octet-stream" : "application/json";
    saveFile(new Blob([bytes], { type }), `${jobId}-weights.${format}`);
  };
  return (
    <JobActions
      dashboard={dashboard}
      job={job}
      ending={(action) =>
        job.weightsOf !== null && (
          <JobButton action={action} label={texts.stopNamed(name)} hint={texts.stopHint} ask={() => client.stop(jobId)}>
            {texts.stop}
          </JobButton>
        )
      }
      saving={({ act }) =>
        job.weightsOf !== null && (
          <>
            {texts.model}
            {EXPORT_FORMATS.map((format) => (
              <SaveButton
                key={format}
                label={texts.modelNamed(name, format)}
                onClick={() => act(() => saveModel(format))}
              >
                .{format}
              </SaveButton>
            ))}
            {texts.weights}
            {(["npy", "json"] as const).map((format) => (
              <SaveButton
                key={format}
                label={texts.weightsNamed(name, format)}
                onClick={() => act(() => saveWeights(format))}
              >
                .{format}
              </SaveButton>
            ))}
          </>
        )
      }
    >
      {children}
    </JobActions>
  );
}
