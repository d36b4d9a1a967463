import { errorsInWords } from "../../../shared/kinds/inference/error-words.ts";
import type { InferenceJobView } from "../../../shared/kinds/inference/job-view.ts";
import type { ParitabClient } from "../../../shared/sdk/paritab-client.ts";
import { JobActions, JobButton, SaveButton } from "../../ui/jobs/job-actions.tsx";
import { jobHash } from "../../ui/jobs/job-address.ts";
import { JobFrame } from "../../ui/jobs/job-frame.tsx";
import { LendTab } from "../../ui/jobs/lend-tab.tsx";
import { saveFile } from "../../ui/jobs/save-file.ts";
import type { Action } from "../../ui/jobs/use-action.ts";
import { dashboard } from "../../ui/texts.ts";
import { percent } from "../../ui/units.ts";
import type { HeadProps } from "../job-pages.ts";
import { inferenceTexts } from "./inference-texts.ts";
import { MarksBar } from "./marks-bar.tsx";

const texts = inferenceTexts.job;
const common = dashboard.jobs;

/** An inference job: how many answers are final, how far they can be trusted, and what can be done with it. */
export function InferenceHead({ dashboard, job, children, ...frame }: HeadProps<InferenceJobView>) {
  const { state, stream, answersByMark } = job;
  const takesQueries = stream?.isOpen === true;
  return (
    <JobFrame
      {...frame}
      job={job}
      stateText={takesQueries && state === "running" ? texts.stream.state : undefined}
      settings={
        <>
          {job.rows === undefined
            ? texts.settings(job.scheme, job.queriesPerGroup, job.stragglers, job.liars, job.workerCount)
            : texts.settingsOfRows(job.scheme)}
          {takesQueries && (
            <>
              <br />
              {texts.stream.settings(stream.closeAfterMs, stream.idleMs)}
            </>
          )}
        </>
      }
      actions={
        <JobActions
          dashboard={dashboard}
          job={job}
          ending={(action) => (
            <>
              {job.suspended !== undefined && (
                <JobButton
                  action={action}
                  label={texts.goOn.named(job.name)}
                  hint={texts.goOn.hint}
                  ask={() => dashboard.client.goOnUnchecked(job.jobId)}
                >
                  {texts.goOn.button}
                </JobButton>
              )}
              {takesQueries && (
                <JobButton
                  action={action}
                  label={texts.stream.closeNamed(job.name)}
                  hint={texts.stream.closeHint}
                  ask={() => dashboard.client.stop(job.jobId)}
                >
                  {texts.stream.close}
                </JobButton>
              )}
            </>
          )}
          saving={(action) => (
            <>
              {job.queryCount > answersByMark.missing && (
                <Answers client={dashboard.client} job={job} act={action.act} />
              )}
              {dashboard.mayChange && isToRedo(job) && <RedoButton dashboard={dashboard} job={job} action={action} />}
            </>
          )}
        >
          {children}
        </JobActions>
      }
    >
      <MarksBar job={job} />
      <JobFacts job={job} />
      {job.waitingFor !== null && (
        <p class={takesQueries && answersByMark.missing === 0 ? "note" : "note warn"}>
          {common.sentence(job.waitingFor)} {job.lacksTabs === "any" && <LendTab />}
        </p>
      )}
      {job.takenBackCount !== undefined && <p class="note warn">{texts.takenBack(job.takenBackCount)}</p>}
      {job.redoOf !== undefined && (
        <p class="note">
          {texts.redo.of} <a href={jobHash(job.redoOf)}>{job.redoOf}</a>
        </p>
      )}
      {job.parts !== undefined && (
        <p class="note">
          {texts.parts.shared(job.parts.length)}{" "}
          {job.parts.map((part, i) => (
            <a key={part.jobId} href={jobHash(part.jobId)}>
              {texts.parts.part(i + 1)}
            </a>
          ))}
        </p>
      )}
      {job.partOf !== undefined && (
        <p class="note">
          {texts.parts.of} <a href={jobHash(job.partOf.jobId)}>{job.partOf.jobId}</a>
        </p>
      )}
      {job.redoneBy !== undefined && (
        <p class="note">
          {texts.redo.by}{" "}
          {job.redoneBy.map((laterId) => (
            <a key={laterId} href={jobHash(laterId)}>
              {laterId}
            </a>
          ))}{" "}
          {(["npy", "csv"] as const).map((format) => (
            <a key={format} href={`${dashboard.client.answersUrl(job.jobId, format)}?redone=yes`} download>
              {texts.redo.together(format)}
            </a>
          ))}
        </p>
      )}
      {job.notComputed?.map((one) => (
        <p key={one.reason} class="note warn">
          {texts.notComputed(one)}
        </p>
      ))}
      {[job.rows?.refused, job.rows?.raised].map(
        (said) =>
          said != null && (
            <p key={said} class={job.rows?.refused === said && job.finalCount < job.queryCount ? "note warn" : "note"}>
              {said}
            </p>
          ),
      )}
      {job.unchecked !== undefined && <p class="note warn">{texts.unchecked(job.unchecked)}</p>}
      {job.fixedOnly !== undefined && <p class="note">{texts.fixedOnly(job.fixedOnly)}</p>}
      {job.error !== null && <p class="note error">{job.error}</p>}
    </JobFrame>
  );
}

/** What its answers lack somebody may do again; of a job that does rows of another again that is asked there. */
function isToRedo({ finishedMs, finalCount, queryCount, redoOf, unchecked }: InferenceJobView): boolean {
  return finishedMs !== null && finalCount < queryCount && redoOf === undefined && unchecked === undefined;
}

interface RedoProps extends Pick<HeadProps<InferenceJobView>, "dashboard"> {
  readonly job: InferenceJobView;
  readonly action: Action;
}

function RedoButton({ dashboard, job: { jobId, name, finalCount, queryCount }, action }: RedoProps) {
  async function redo(): Promise<void> {
    const begun = await dashboard.client.redo(jobId);
    dashboard.submitted({ jobId: begun.jobId, name: texts.redo.name(name) });
  }
  return (
    <JobButton
      action={action}
      label={texts.redo.named(name)}
      hint={texts.redo.hint(queryCount - finalCount)}
      ask={redo}
    >
      {texts.redo.button}
    </JobButton>
  );
}

function JobFacts({ job }: { job: InferenceJobView }) {
  const facts = [
    job.accuracy === null ? null : texts.accuracy(percent(job.accuracy)),
    job.errors === undefined ? null : errorsInWords(job.errors),
    job.auditedRows === 0 ? null : texts.audits(job.auditedRows, job.failedAudits),
  ].filter((fact) => fact !== null);
  return facts.length === 0 ? null : <p class="job-facts">{facts.join(" · ")}</p>;
}

interface AnswersProps extends Pick<Action, "act"> {
  readonly client: ParitabClient;
  readonly job: InferenceJobView;
}

/** Every answer of a job as a file. */
function Answers({ client, job: { jobId, name }, act }: AnswersProps) {
  // JSON comes in pages, which are put together here.
  async function saveJson(): Promise<void> {
    const bytes = await client.answersFile(jobId, "json");
    saveFile(new Blob([bytes], { type: "application/json" }), `${jobId}-answers.json`);
  }
  return (
    <>
      {texts.download}
      {(["npy", "csv"] as const).map((format) => (
        <a key={format} href={client.answersUrl(jobId, format)} download aria-label={texts.downloadNamed(name, format)}>
          .{format}
        </a>
      ))}
      <SaveButton label={texts.downloadNamed(name, "json")} onClick={() => act(saveJson)}>
        .json
      </SaveButton>
    </>
  );
}
