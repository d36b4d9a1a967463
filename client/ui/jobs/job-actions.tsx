import type { ComponentChildren } from "preact";
import type { JobView } from "../../../shared/kinds/kinds.ts";
import type { ParitabClient } from "../../../shared/sdk/paritab-client.ts";
import { dashboard } from "../texts.ts";
import { ReceiptLinks } from "./receipt-links.tsx";
import { type Action, useAction } from "./use-action.ts";

const texts = dashboard.jobs;

interface JobActionsProps {
  readonly dashboard: { readonly client: ParitabClient; readonly mayChange: boolean; refresh(): void };
  readonly job: JobView;
  /** Another way to end it than to cancel it: a button of its own. */
  ending?(action: Action): ComponentChildren;
  /** What can be saved of it. */
  saving?(action: Action): ComponentChildren;
  /** Buttons that every job has. */
  readonly children?: ComponentChildren;
}

/** What can be done with a job: end it while it runs, save what it has, read its receipt once it has ended. */
export function JobActions({
  dashboard: { client, mayChange, refresh },
  job,
  ending,
  saving,
  children,
}: JobActionsProps) {
  const action = useAction(refresh);
  const { problem } = action;
  const { jobId, name, finishedMs } = job;
  return (
    <>
      {mayChange && finishedMs === null && (
        <>
          {ending?.(action)}
          <JobButton action={action} label={texts.cancelNamed(name)} ask={() => client.cancel(jobId)}>
            {texts.cancel}
          </JobButton>
        </>
      )}
      <span class="downloads">
        {saving?.(action)}
        {finishedMs !== null && <ReceiptLinks client={client} job={job} />}
      </span>
      {children}
      {problem !== null && <span role="alert">{problem}</span>}
    </>
  );
}

interface JobButtonProps {
  readonly action: Action;
  /** With the job's name. */
  readonly label: string;
  readonly hint?: string;
  readonly children: ComponentChildren;
  ask(): Promise<unknown>;
}

/** Asks the coordinator for a change of one job. */
export function JobButton({ action: { busy, act }, label, hint, children, ask }: JobButtonProps) {
  return (
    <button type="button" class="small" disabled={busy} title={hint} aria-label={label} onClick={() => act(ask)}>
      {children}
    </button>
  );
}

interface SaveButtonProps {
  readonly label: string;
  readonly children: ComponentChildren;
  onClick(): void;
}

/** It looks like the links beside it. */
export function SaveButton({ label, children, onClick }: SaveButtonProps) {
  return (
    <button type="button" class="link" aria-label={label} onClick={onClick}>
      {children}
    </button>
  );
}
