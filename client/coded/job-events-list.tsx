import type { CodedHistory } from "../../shared/coded/run-view.ts";
import type { CodedJobEstimate } from "../../shared/kinds/kinds.ts";
import { training } from "../ui/training-texts.ts";
import { jobEvents, slowNow } from "./job-events.ts";

const texts = training.events;
const SHOWN_MAX = 20;

interface JobEventsListProps {
  readonly kind: CodedJobEstimate["kind"];
  readonly history: Pick<CodedHistory, "liars" | "codeChanges" | "volunteers">;
  readonly isVerified: boolean;
}

/** Who lied, who is slow, when and why the code changed. */
export function JobEventsList({ kind, history, isVerified }: JobEventsListProps) {
  const events = jobEvents(kind, history, isVerified);
  const slow = slowNow(history);
  return (
    <section aria-label={texts.title}>
      <h4>{texts.title}</h4>
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
