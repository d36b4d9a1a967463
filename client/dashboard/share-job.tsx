import { useEffect, useId, useRef, useState } from "preact/hooks";
import { ParitabApiError } from "../../shared/sdk/paritab-api-error.ts";
import type { Dashboard } from "../kinds/job-pages.ts";
import { jobHash, sharedHash } from "../ui/jobs/job-address.ts";
import { useAction } from "../ui/jobs/use-action.ts";
import { Problem } from "../ui/problem.tsx";
import { pageTexts } from "./dashboard-texts.ts";

const texts = pageTexts.share;

interface Shared {
  readonly address: string;
  /** false: no token is wanted here, so the address alone opens it. */
  readonly isLink: boolean;
}

/** A link for whoever is to look at this job and has no token. */
export function ShareJob({
  dashboard: { client },
  jobId,
  name,
}: {
  dashboard: Dashboard;
  jobId: string;
  name: string;
}) {
  const [shared, setShared] = useState<Shared | null>(null);
  const { busy, problem, act } = useAction();
  const page = `${location.origin}${location.pathname}`;

  async function share(): Promise<void> {
    try {
      const { token } = await client.shareJob(jobId);
      setShared({ address: `${page}${sharedHash(jobId, token)}`, isLink: true });
    } catch (error) {
      if (!(error instanceof ParitabApiError) || error.code !== "no-tokens-needed") throw error;
      setShared({ address: `${page}${jobHash(jobId)}`, isLink: false });
    }
  }

  async function end(): Promise<void> {
    await client.unshareJob(jobId);
    setShared(null);
  }

  return (
    <>
      <button type="button" class="small" disabled={busy} aria-label={texts.buttonOf(name)} onClick={() => act(share)}>
        {texts.button}
      </button>
      <Problem message={problem} />
      {shared !== null && <LinkDialog shared={shared} name={name} end={() => act(end)} close={() => setShared(null)} />}
    </>
  );
}

interface LinkDialogProps {
  readonly shared: Shared;
  readonly name: string;
  end(): void;
  close(): void;
}

function LinkDialog({ shared: { address, isLink }, name, end, close }: LinkDialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [isCopied, setIsCopied] = useState(false);
  const id = useId();
  useEffect(() => dialog.current?.showModal(), []);
  async function copy(): Promise<void> {
    await navigator.clipboard.writeText(address);
    setIsCopied(true);
  }
  return (
    <dialog ref={dialog} class="panel" aria-label={texts.title(name)} onClose={close}>
      <p>{isLink ? texts.reads : texts.open}</p>
      <div class="field">
        <label for={id}>{texts.address}</label>
        <input id={id} type="text" readonly value={address} onFocus={({ currentTarget }) => currentTarget.select()} />
      </div>
      <div class="buttons">
        {"clipboard" in navigator && (
          <button type="button" onClick={() => void copy()}>
            {isCopied ? texts.copied : texts.copy}
          </button>
        )}
        {isLink && (
          <button type="button" onClick={end}>
            {texts.end}
          </button>
        )}
        <button type="button" onClick={close}>
          {texts.close}
        </button>
      </div>
    </dialog>
  );
}
