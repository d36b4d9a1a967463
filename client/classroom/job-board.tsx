/** How far the job is, how much of it was checked, and what was caught. */
import type { ClassView } from "../../shared/protocol/seats-api.ts";
import { count } from "../ui/units.ts";
import { classTexts as texts } from "./class-texts.ts";

export function JobBoard({ job }: { job: ClassView["job"] }) {
  if (job === null) {
    return (
      <section class="board" aria-labelledby="job-title">
        <h2 id="job-title">{texts.job}</h2>
        <p>{texts.noJob}</p>
      </section>
    );
  }
  const { name, purpose, state, answers, of, checked, caught } = job;
  const [done, all] = texts.answersText(answers, of);
  return (
    <section class="board" aria-labelledby="job-title">
      <h2 id="job-title">{name}</h2>
      {purpose !== "" && <p class="purpose">{texts.purpose(purpose)}</p>}
      {(state === "cancelled" || state === "failed") && <p class="stopped">{texts.stopped[state]}</p>}
      <p class="counter" data-testid="answers">
        <span class="counter-word">{texts.answers}</span> <strong>{done}</strong> <span>{all}</span>
      </p>
      <progress aria-label={texts.answers} max={Math.max(1, of)} value={answers} />
      <dl class="board-facts">
        <div>
          <dt>{texts.checked}</dt>
          <dd>{count(checked)}</dd>
          <dd class="board-note">{texts.checkedNote}</dd>
        </div>
        <div class={caught > 0 ? "caught" : ""}>
          <dt>{texts.caught}</dt>
          <dd>{count(caught)}</dd>
          <dd class="board-note">{texts.caughtNote(caught)}</dd>
        </div>
      </dl>
    </section>
  );
}
