import type { ComponentChildren } from "preact";
import type { ModelChoice } from "../../shared/compute/compute-thread-api.ts";
import { dayOf } from "../session/schedule.ts";
import { hasEnded } from "../session/session-status.ts";
import { totalsOf } from "./contributions.ts";
import { energyWh, milestones, verifiedPerSecond } from "./measures.ts";
import { speech, type VolunteerTexts } from "./texts/texts.ts";
import type { VolunteerTab } from "./volunteer-tab.ts";

export function Facts({ tab, nowMs }: { tab: VolunteerTab; nowMs: number }) {
  const { texts: all, formats } = speech();
  const texts = all.facts;
  const status = tab.status.value;
  const {
    counts,
    credit,
    creditAtFirst,
    creditMarks,
    backend,
    candidates,
    probed,
    volunteerId,
    lastError,
    choices,
    unfit,
    computedMs,
  } = status;
  const { wattsPerThread } = tab.settings.value;
  const { passed, next } = milestones(credit?.macs ?? 0);
  const isRunning = !hasEnded(status.activity);
  const perSecond = isRunning ? verifiedPerSecond(creditMarks, nowMs) : null;
  const verified = (credit?.assignments ?? 0) - (creditAtFirst?.assignments ?? 0);
  const today = totalsOf(tab.contributions.value, dayOf(nowMs));
  return (
    <section class="panel" aria-labelledby="facts-title">
      <h2 id="facts-title">{texts.title}</h2>
      <dl class="facts">
        <Fact term={texts.credit} note={texts.creditNote(passed, next)}>
          <span data-testid="credit">{texts.creditText(credit?.macs ?? 0)}</span> <small>{texts.creditUnit}</small>
        </Fact>
        <Fact term={texts.speed} note={texts.speedNote}>
          {perSecond === null ? (
            <small>{isRunning ? texts.noSpeed : texts.noSpeedNow}</small>
          ) : (
            <>
              <span data-testid="speed">{texts.speedText(perSecond)}</span> <small>{texts.speedUnit}</small>
            </>
          )}
        </Fact>
        <Fact term={texts.done} note={texts.doneNote(verified, counts.late, counts.failed, counts.cancelled)}>
          <span data-testid="done">{formats.count(counts.answered)}</span>
        </Fact>
        <Fact term={texts.energy} note={texts.energyNote(computedMs, wattsPerThread)}>
          <span data-testid="energy">{texts.energyText(energyWh(computedMs, wattsPerThread))}</span>
        </Fact>
        <Fact term={texts.traffic} note={texts.trafficNote(today.bytes)}>
          <span data-testid="traffic">{texts.trafficText(status.trafficBytes)}</span>
        </Fact>
        <Fact
          term={texts.backend}
          note={candidates
            .map(({ backend, msMedian }) =>
              msMedian === null
                ? texts.candidateOut(texts.backends[backend])
                : texts.candidateTime(texts.backends[backend], msMedian),
            )
            .join(", ")}
        >
          <span data-testid="backend" title={probed?.kernels.join(", ")}>
            {backend === null ? texts.noBackend : texts.backends[backend]}
          </span>
        </Fact>
        <Fact term={texts.key}>
          {volunteerId === null ? texts.noKey : <code title={volunteerId}>{volunteerId.slice(0, 12)}</code>}
        </Fact>
      </dl>
      {choices.map(({ modelSha256, backend, tried }) => (
        <p key={modelSha256} class="note" data-testid="choice">
          {texts.choice(modelSha256, texts.backends[backend])}{" "}
          <small>{tried.flatMap((one) => triedText(texts, one)).join("; ")}</small>
        </p>
      ))}
      {unfit.map(({ jobName, message }) => (
        <p key={jobName} class="note warn" data-testid="unfit">
          <strong>{texts.unfit(jobName)}</strong> <span lang="en">{message}</span>
        </p>
      ))}
      {lastError !== null && (
        <p class="last-error">
          <strong>{texts.lastError}:</strong> <span lang="en">{lastError}</span>
        </p>
      )}
    </section>
  );
}

function triedText(
  texts: VolunteerTexts["facts"],
  { backend, problem, msPerRow }: ModelChoice["tried"][number],
): string[] {
  const name = texts.backends[backend];
  if (problem !== null) return [texts.choiceOut(name, problem)];
  return msPerRow === null ? [] : [texts.choiceTime(name, msPerRow)];
}

function Fact({ term, note, children }: { term: string; note?: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{term}</dt>
      <dd class="figure">{children}</dd>
      {note !== undefined && note !== "" && <dd class="hint">{note}</dd>}
    </div>
  );
}
