import type { SubmissionAsked } from "../../../shared/kinds/job-list.ts";
import type { ParitabClient } from "../../../shared/sdk/paritab-client.ts";
import { useAsked } from "../../ui/use-asked.ts";
import { pagesOf } from "../loaded-kinds.ts";
import { SnippetBox } from "../snippet-box.tsx";
import { askedSnippets } from "./asked-snippets.ts";
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
        <SnippetBox key={snippet.language} name={texts.languages[snippet.language]} text={snippet.text} />
      ))}
      <p class="hint">{texts.uploads}</p>
    </>
  );
}
