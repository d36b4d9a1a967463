import { training } from "../../ui/training-texts.ts";
import type { EstimateState } from "./use-estimate.ts";

const texts = training.estimate;

/** The predicted cost, before anything is begun. */
export function EstimateBox({ state, iterations }: { state: EstimateState; iterations: number }) {
  return (
    <section class="estimate note" aria-label={texts.title} data-testid="estimate">
      <h3>{texts.title}</h3>
      {state.kind === "unknown" && <p>{texts.unknown}</p>}
      {state.kind === "asking" && <p>{texts.asking}</p>}
      {state.kind === "refused" && <p>{texts.impossible}</p>}
      {state.kind === "known" && (
        <dl>
          {figuresOf(state.estimate, iterations).map(([term, words]) => (
            <div key={term}>
              <dt>{term}</dt>
              <dd>{words}</dd>
            </div>
          ))}
        </dl>
      )}
    </section>
  );
}

type Known = Extract<EstimateState, { kind: "known" }>["estimate"];

function figuresOf(estimate: Known, iterations: number): [string, string][] {
  return [
    [texts.tabs, texts.tabsText(estimate.volunteersNeeded, estimate.volunteersReady)],
    [texts.share, texts.shareText(estimate.shardBytesPerVolunteer)],
    [
      texts.iteration,
      texts.iterationText(
        estimate.broadcastBytesPerIteration,
        estimate.resultBytesPerIteration,
        estimate.multiplicationsPerVolunteerPerIteration,
      ),
    ],
    [texts.total, texts.totalText(estimate.rounds, estimate.totalBytes)],
    [texts.redundancy, texts.redundancyText(estimate.redundancy)],
    [texts.checking, texts.checkingText(estimate.verificationShare)],
    [texts.time, texts.timeText(estimate.secondsPerIteration, iterations)],
  ];
}
