import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { JobView } from "../../../shared/kinds/kinds.ts";
import { hashOf } from "../../dashboard/open-job.ts";
import { dashboard } from "../texts.ts";

const texts = dashboard.jobs;

interface JobFrameProps {
  readonly job: JobView;
  readonly isOpen: boolean;
  readonly stateText: string;
  /** Whose colour the state has; the job's own state's unless given. */
  readonly stateTone?: JobView["state"] | "warned";
  readonly children: ComponentChildren;
  /** Beside the button that opens the details. */
  readonly actions: ComponentChildren;
  readonly details: ComponentChildren;
}

/** What every kind of job has in the list: its name and state, details that open, and a place for its actions. */
export function JobFrame({ job, isOpen, stateText, stateTone, children, actions, details }: JobFrameProps) {
  const { jobId, name, state } = job;
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
      {children}
      <div class="job-actions">
        <a class="button small" href={isOpen ? "#" : hashOf(jobId)} aria-expanded={isOpen}>
          {isOpen ? texts.close : texts.open}
        </a>
        {actions}
      </div>
      {isOpen && details}
    </article>
  );
}
