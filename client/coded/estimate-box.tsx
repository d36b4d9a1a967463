import type { CodedJobEstimate } from "../../shared/kinds/kinds.ts";
import type { EstimateState } from "../ui/jobs/use-estimate.ts";
import { training } from "../ui/training-texts.ts";

const texts = training.estimate;

interface EstimateBoxProps {
  readonly state: EstimateState;
  /** Iterations or slices. */
  stepsOf(estimate: CodedJobEstimate): number;
}

/** The predicted cost, before anything is begun. */
export function EstimateBox({ state, stepsOf }: EstimateBoxProps) {
  return (
    <section class="estimate note" aria-label={texts.title} data-testid="estimate">
      <h3>{texts.title}</h3>
      {state.kind === "unknown" && <p>{texts.unknown}</p>}
      {state.kind === "asking" && <p>{texts.asking}</p>}
      {state.kind === "refused" && <p>{texts.impossible}</p>}
      {state.kind === "known" && (
        <dl>
          {figuresOf(state.estimate, stepsOf(state.estimate)).map(([term, words]) => (
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

function figuresOf(estimate: CodedJobEstimate, steps: number): [string, string][] {
  return [
    [texts.tabs, texts.tabsText(estimate.volunteersNeeded, estimate.volunteersReady)],
    [texts.share, texts.shareText(estimate.shardBytesPerVolunteer)],
    [
      texts.step(estimate.kind),
      texts.stepText(
        estimate.broadcastBytesPerIteration,
        estimate.resultBytesPerIteration,
        estimate.multiplicationsPerVolunteerPerIteration,
      ),
    ],
    [texts.total, texts.totalText(estimate.rounds, estimate.totalBytes)],
    [texts.redundancy, texts.redundancyText(estimate.redundancy)],
    [texts.checking, texts.checkingText(estimate.verificationShare)],
    [texts.time, texts.timeText(estimate.secondsPerIteration, steps)],
  ];
}
