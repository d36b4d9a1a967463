import type { CodedHistory } from "../../shared/coded/run-view.ts";
import { codedTexts } from "./coded-texts.ts";
import type { CodedWords } from "./coded-words.ts";
import { jobEvents, slowNow } from "./job-events.ts";

const texts = codedTexts.events;
const SHOWN_MAX = 20;

interface JobEventsListProps {
  readonly words: CodedWords;
  readonly history: Pick<CodedHistory, "liars" | "codeChanges" | "volunteers">;
  readonly isVerified: boolean;
}

/** Who lied, who is slow, when and why the code changed. */
export function JobEventsList({ words, history, isVerified }: JobEventsListProps) {
  const events = jobEvents(words, history, isVerified);
  const slow = slowNow(history);
  return (
    <section aria-label={texts.title}>
      <h2>{texts.title}</h2>
      {slow !== null && <p class="note warn">{slow}</p>}
      {events.length === 0 && slow === null && <p class="hint">{texts.none}</p>}
      <ul class="events" data-testid="job-events">
        {events.slice(0, SHOWN_MAX).map(({ kind, when, text }) => (
          <li key={`${when} ${text}`} class={`event-${kind}`}>
            <span class="hint">{when}</span> {text}
          </li>
        ))}
      </ul>
    </section>
  );
}
