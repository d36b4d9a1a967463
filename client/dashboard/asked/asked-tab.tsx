import { useState } from "preact/hooks";
import type { SubmissionAsked } from "../../../shared/kinds/job-list.ts";
import type { ParitabClient } from "../../../shared/sdk/paritab-client.ts";
import { useAsked } from "../../ui/use-asked.ts";
import { pagesOf } from "../loaded-kinds.ts";
import { askedSnippets, type Snippet } from "./asked-snippets.ts";
import { askedTexts as texts } from "./asked-texts.ts";

/** How the job was asked for, to be copied: as a command, and in the languages that people submit from. */
export function AskedTab({ client, jobId }: { client: ParitabClient; jobId: string }) {
  const asked = useAsked([client, jobId], (signal) => client.submission(jobId, signal));
  return (
    <section class="panel asked" aria-label={texts.title} data-testid="asked">
      <p class="hint">{texts.lead}</p>
      {(asked.kind === "asking" || asked.kind === "nothing") && <p class="hint">{texts.asking}</p>}
      {asked.kind === "failed" && (
        <p class="note error" role="alert">
          {texts.failed(asked.message)}
        </p>
      )}
      {asked.kind === "there" && <Snippets submission={asked.value} />}
    </section>
  );
}

function Snippets({ submission }: { submission: SubmissionAsked }) {
  const snippets = askedSnippets(submission, location.origin, pagesOf(submission).asked);
  return (
    <>
      {snippets.map((snippet) => (
        <SnippetBox key={snippet.language} snippet={snippet} />
      ))}
      <p class="hint">{texts.uploads}</p>
    </>
  );
}

function SnippetBox({ snippet: { language, text } }: { snippet: Snippet }) {
  const [isCopied, setIsCopied] = useState(false);
  // Browsers offer it on secure addresses only; the text can be selected anyway.
  const canCopy = "clipboard" in navigator;
  const name = texts.languages[language];
  async function copy(): Promise<void> {
    await navigator.clipboard.writeText(text);
    setIsCopied(true);
  }
  return (
    <section class="snippet" aria-label={name}>
      <header>
        <h2>{name}</h2>
        {canCopy && (
          <button type="button" class="small" aria-label={texts.copyAs(name)} onClick={() => void copy()}>
            {isCopied ? texts.copied : texts.copy}
          </button>
        )}
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: only what has the focus can be scrolled from the keyboard */}
      <pre tabIndex={0}>
        <code>{text}</code>
      </pre>
    </section>
  );
}
