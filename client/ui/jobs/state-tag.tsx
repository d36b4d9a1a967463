import type { JobRow } from "../../../shared/kinds/job-list.ts";
import { dashboard } from "../texts.ts";

interface StateTagProps {
  /** Regressions and products end in more ways than their states say. */
  readonly job: Pick<JobRow, "state"> & Partial<Pick<JobRow, "endKind">>;
  /** Instead of the word for its state. */
  readonly text?: string | undefined;
}

/** How a job is, in a word and a colour: one that ended early is not simply done. */
export function StateTag({ job: { state, endKind = null }, text }: StateTagProps) {
  const tone = endKind === "diverged" || endKind === "stopped" ? "warned" : state;
  const { ends, states } = dashboard.jobs;
  return (
    <span class={`tag job-${tone}`} data-testid="job-state">
      {text ?? (endKind === null ? states[state] : ends[endKind])}
    </span>
  );
}
