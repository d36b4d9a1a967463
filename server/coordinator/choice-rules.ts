/**
 * What volunteers give their work to, and what follows for who checks it: whoever picks a job may have come with others for its sake, so it
 * does not check that job. SPEC.md WC rules.
 */
import type { WorkChoice } from "../../shared/protocol/messages.ts";
import type { CoordinatorState, Job, Volunteer } from "./state.ts";

type Choosing = Pick<Volunteer, "choice" | "choseUntilMs" | "isAdmitted">;

/** Whom a job is for, and which job: all that a choice is about. */
export type Chosen = Pick<Job["stored"], "jobId" | "submission">;

/** [WC1] @param choice null: whatever there is */
export function isChosenBy(choice: WorkChoice | null, { jobId, submission }: Chosen): boolean {
  if (choice === null) return true;
  if (choice.refused.includes(jobId)) return false;
  return choice.projects === null || choice.projects.includes(submission.submitter);
}

/** [WC1] May its volunteer be sent work of this job? */
export function takesJob(
  { volunteers }: CoordinatorState,
  volunteerId: string,
  { stored }: Pick<Job, "stored">,
): boolean {
  return isChosenBy(volunteers.get(volunteerId)?.choice ?? null, stored);
}

/** [WC3] May it check what others computed for this job? Not where it chose the job, unless the operator has let it in. */
export function mayJudge(
  { volunteers }: CoordinatorState,
  volunteerId: string,
  { stored }: Pick<Job, "stored">,
): boolean {
  const volunteer = volunteers.get(volunteerId);
  return volunteer === undefined || isImpartial(volunteer, stored.submittedMs);
}

/**
 * [WC3] Did it choose nothing that is at work, or has the operator let it in? Then it may check all of it.
 * @param oldestMs when the oldest job at work was submitted; null: none is
 */
export function isImpartial({ choice, choseUntilMs, isAdmitted }: Choosing, oldestMs: number | null): boolean {
  if (isAdmitted) return true;
  return choice === null && (choseUntilMs === null || oldestMs === null || oldestMs > choseUntilMs);
}

/** [WC4] Of the ready volunteers that take the job: did at least half of them choose nothing? */
export function isMostlyImpartial({ crowd }: CoordinatorState, job: Chosen): boolean {
  const { volunteers: elsewhere } = crowd.choosers.without((choice) => isChosenBy(choice, job));
  return 2 * crowd.impartial.volunteers >= crowd.ready.volunteers - elsewhere;
}
