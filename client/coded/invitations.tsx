import { useState } from "preact/hooks";
import { codedTexts } from "./coded-texts.ts";

const texts = codedTexts.invitations;

/** Of one job, shown once: nobody can ask for them again. */
export interface Invitations {
  readonly jobName: string;
  readonly links: readonly string[];
}

export function InvitationsPanel({ invitations, done }: { invitations: Invitations; done(): void }) {
  const { jobName, links } = invitations;
  const [copied, setCopied] = useState<string | null>(null);
  // Browsers offer it on secure addresses only; the links can be selected anyway.
  const canCopy = "clipboard" in navigator;
  async function copy(text: string): Promise<void> {
    await navigator.clipboard.writeText(text);
    setCopied(text);
  }
  const all = links.join("\n");
  return (
    <section class="panel invitations" aria-labelledby="invitations-title">
      <h2 id="invitations-title">{texts.title(jobName)}</h2>
      <p class="note warn">{texts.once}</p>
      <ol>
        {links.map((link, i) => (
          <li key={link}>
            <div>
              <input
                type="text"
                readonly
                value={link}
                aria-label={texts.link(i + 1)}
                onFocus={({ currentTarget }) => currentTarget.select()}
              />
              {canCopy && (
                <button type="button" class="small" onClick={() => void copy(link)}>
                  {copied === link ? texts.copied : texts.copy}
                </button>
              )}
            </div>
          </li>
        ))}
      </ol>
      <div class="buttons">
        {canCopy && (
          <button type="button" onClick={() => void copy(all)}>
            {copied === all ? texts.copied : texts.copyAll}
          </button>
        )}
        <button type="button" onClick={done}>
          {texts.done}
        </button>
      </div>
    </section>
  );
}
