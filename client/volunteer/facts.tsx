import type { SessionStatus } from "../session/session-status.ts";
import { volunteer } from "../ui/texts.ts";
import { count } from "../ui/units.ts";

const texts = volunteer.facts;

export function Facts({ status }: { status: SessionStatus }) {
  const { counts, credit, backend, candidates, probed, volunteerId, lastError } = status;
  return (
    <section class="panel" aria-labelledby="facts-title">
      <h2 id="facts-title">{texts.title}</h2>
      <dl class="facts">
        <div>
          <dt>{texts.credit}</dt>
          <dd class="figure">
            <span data-testid="credit">{texts.creditText(credit?.macs ?? 0)}</span> <small>{texts.creditUnit}</small>
          </dd>
          <dd class="hint">{texts.creditNote}</dd>
        </div>
        <div>
          <dt>{texts.done}</dt>
          <dd class="figure" data-testid="done">
            {count(counts.answered)}
          </dd>
          <dd class="hint">{texts.doneNote(counts.late, counts.failed, counts.cancelled)}</dd>
        </div>
        <div>
          <dt>{texts.backend}</dt>
          <dd class="figure" data-testid="backend" title={probed?.kernels.join(", ")}>
            {backend === null ? texts.noBackend : texts.backends[backend]}
          </dd>
          <dd class="hint">
            {candidates
              .map(({ backend, msMedian }) =>
                msMedian === null
                  ? texts.candidateOut(texts.backends[backend])
                  : texts.candidateTime(texts.backends[backend], msMedian),
              )
              .join(", ")}
          </dd>
        </div>
        <div>
          <dt>{texts.key}</dt>
          <dd class="figure">
            {volunteerId === null ? texts.noKey : <code title={volunteerId}>{volunteerId.slice(0, 12)}</code>}
          </dd>
        </div>
      </dl>
      {lastError !== null && (
        <p class="last-error">
          <strong>{texts.lastError}:</strong> {lastError}
        </p>
      )}
    </section>
  );
}
