import { useEffect, useRef, useState } from "preact/hooks";
import type { Dashboard } from "../kinds/job-pages.ts";
import { useAction } from "../ui/jobs/use-action.ts";
import { Problem } from "../ui/problem.tsx";
import { pageTexts } from "./dashboard-texts.ts";

const texts = pageTexts.deletion;

interface DeleteJobProps {
  readonly dashboard: Dashboard;
  /** One that has ended. */
  readonly job: { readonly jobId: string; readonly name: string };
  onDeleted(): void;
}

/** Deletes a job with its data, after a question. */
export function DeleteJob({ dashboard, job: { jobId, name }, onDeleted }: DeleteJobProps) {
  const [isAsking, setIsAsking] = useState(false);
  const { busy, problem, act } = useAction();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (isAsking) dialog.current?.showModal();
  }, [isAsking]);

  async function remove(): Promise<void> {
    await dashboard.client.deleteJob(jobId);
    setIsAsking(false);
    onDeleted();
  }

  return (
    <>
      <button type="button" class="small" aria-label={texts.buttonOf(name)} onClick={() => setIsAsking(true)}>
        {texts.button}
      </button>
      {isAsking && (
        <dialog ref={dialog} class="panel" aria-label={texts.buttonOf(name)} onClose={() => setIsAsking(false)}>
          <p>{texts.ask(name)}</p>
          <Problem message={problem} />
          <div class="buttons">
            <button type="button" disabled={busy} onClick={() => act(remove)}>
              {texts.yes}
            </button>
            <button type="button" onClick={() => setIsAsking(false)}>
              {texts.no}
            </button>
          </div>
        </dialog>
      )}
    </>
  );
}
