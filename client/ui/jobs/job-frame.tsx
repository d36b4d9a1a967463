import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { JobView } from "../../../shared/kinds/kinds.ts";
import { dashboard } from "../texts.ts";
import { ago } from "../units.ts";
import { hashOf } from "./job-address.ts";

const texts = dashboard.jobs;

interface JobFrameProps {
  readonly job: JobView;
  readonly isOpen: boolean;
  readonly nowMs: number;
  readonly stateText: string;
  /** Whose colour the state has; the job's own state's unless given. */
  readonly stateTone?: JobView["state"] | "warned";
  /** Its settings, below for whom it is and since when. */
  readonly settings: ComponentChildren;
  readonly children: ComponentChildren;
  /** Beside the button that opens the details. */
  readonly actions: ComponentChildren;
  /** null: not fetched yet */
  readonly details: ComponentChildren;
}

/** What every kind of job has in the list: its name and state, details that open, and a place for its actions. */
export function JobFrame({ job, isOpen, nowMs, stateText, stateTone, settings, ...parts }: JobFrameProps) {
  const { jobId, name, state, submitter, submittedMs, finishedMs } = job;
  const card = useRef<HTMLElement>(null);
  useEffect(() => {
    if (isOpen) card.current?.scrollIntoView({ block: "nearest" });
  }, [isOpen]);
  return (
    <article class="job" ref={card} aria-labelledby={`job-${jobId}`}>
      <header>
        <h3 id={`job-${jobId}`}>{name}</h3>
        <span class={`tag job-${stateTone ?? state}`} data-testid="job-state">
          {stateText}
        </span>
      </header>
      <p class="hint">
        {texts.by(submitter)},{" "}
        {finishedMs === null ? texts.started(ago(submittedMs, nowMs)) : texts.took(finishedMs - submittedMs)}
        <br />
        {settings}
      </p>
      {parts.children}
      <div class="job-actions">
        <a class="button small" href={isOpen ? "#" : hashOf(jobId)} aria-expanded={isOpen}>
          {isOpen ? texts.close : texts.open}
        </a>
        {parts.actions}
      </div>
      {isOpen && (parts.details ?? <p class="hint">{dashboard.loading}</p>)}
    </article>
  );
}
