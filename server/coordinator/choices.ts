/** A volunteer says what it gives its work to. SPEC.md WC rules. */
import type { WorkChoice } from "../../shared/protocol/messages.ts";
import { giveUp } from "./assignments.ts";
import { takesJob } from "./choice-rules.ts";
import type { Step } from "./core-kind.ts";
import { refreshCrowd } from "./crowd/keep-crowd.ts";
import { sessionsOf } from "./sessions-of.ts";
import type { Assignment, CoordinatorState, Session, Volunteer } from "./state.ts";

/** [WC1] [WC2] What it holds of jobs that it takes no more is for others at once. */
export function takeChoice(step: Step, volunteer: Volunteer, choice: WorkChoice | null): void {
  const { state, nowMs } = step;
  const next = narrowed(state, choice);
  if (JSON.stringify(next) === JSON.stringify(volunteer.choice)) return;
  if (volunteer.choice !== null) volunteer.choseUntilMs = nowMs;
  volunteer.choice = next;
  state.isCrowdChanged = true;
  state.crowd.changed.add(volunteer.volunteerId);
  for (const session of sessionsOf(state, volunteer.volunteerId)) {
    letGoOfOthers(step, session);
    refreshCrowd(state, session);
  }
}

/** A "no" to a job that is not at work says nothing any more. */
function narrowed({ jobsAtWork }: CoordinatorState, choice: WorkChoice | null): WorkChoice | null {
  if (choice === null) return null;
  const projects = choice.projects === null ? null : [...new Set(choice.projects)].sort();
  const refused = [...new Set(choice.refused)].filter((jobId) => jobsAtWork.has(jobId)).sort();
  return projects === null && refused.length === 0 ? null : { projects, refused };
}

/** What was sent ahead first, which nobody is at. Shares of a coded run are short, and end as they do at a pause. */
function letGoOfOthers(step: Step, session: Session): void {
  const { assignments, jobs } = step.state;
  const held = [...session.holds].flatMap((id) => assignments.get(id) ?? []);
  const isUnwanted = ({ jobId, state, queueing }: Assignment): boolean => {
    const job = jobs.get(jobId);
    return (
      job !== undefined &&
      queueing === "alone" &&
      state !== "dropped" &&
      !takesJob(step.state, session.volunteerId, job)
    );
  };
  for (const assignment of held.filter(isUnwanted).reverse()) {
    const hasBegun = assignment.startedMs !== null;
    giveUp(step, assignment, hasBegun ? { why: "returned", wasDropped: false } : { why: "taken back" }, true);
  }
}
