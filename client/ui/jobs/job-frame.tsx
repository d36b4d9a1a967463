import type { ComponentChildren } from "preact";
import type { JobView } from "../../../shared/kinds/kinds.ts";
import { dashboard } from "../texts.ts";
import { ago, dateTime, duration } from "../units.ts";
import { StateTag } from "./state-tag.tsx";

const texts = dashboard.jobs;

interface JobFrameProps {
  readonly job: JobView;
  /** The job's name, as a title. */
  readonly heading: ComponentChildren;
  readonly nowMs: number;
  /** Its state in a word, where its kind knows a better one. */
  readonly stateText?: string | undefined;
  /** Its settings, below for whom it is and since when. */
  readonly settings: ComponentChildren;
  readonly children: ComponentChildren;
  readonly actions: ComponentChildren;
}

/** What every kind of job has at the top of its page: its name and state, whose it is and since when, and a place for its actions. */
export function JobFrame({ job, heading, nowMs, stateText, settings, ...parts }: JobFrameProps) {
  const { name, submitter, purpose, submittedMs, finishedMs } = job;
  return (
    <article class="job" aria-label={name}>
      <header>
        {heading}
        <StateTag job={job} text={stateText} />
      </header>
      <p class="hint">
        {texts.by(submitter)},{" "}
        {finishedMs === null
          ? texts.started(ago(submittedMs, nowMs))
          : texts.ended(dateTime(finishedMs), duration(finishedMs - submittedMs))}
        <br />
        {settings}
        {purpose !== undefined && (
          <>
            <br />
            {texts.purpose(purpose)}
          </>
        )}
      </p>
      {parts.children}
      <div class="job-actions">{parts.actions}</div>
    </article>
  );
}
