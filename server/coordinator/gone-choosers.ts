/**
 * [WC2] Keys that chose a job at work, did nothing and went: forgotten, they would come back as strangers who may check that job. Anybody
 * can make many, so only the latest are kept.
 */
import { GONE_CHOOSERS_MAX } from "../../shared/protocol/limits.ts";
import { isImpartial } from "./choice-rules.ts";
import type { CoordinatorState, Volunteer } from "./state.ts";

/** Did it choose any job that is at work? */
export function hasChosen({ jobsAtWork }: CoordinatorState, volunteer: Volunteer): boolean {
  for (const { stored } of jobsAtWork.values()) if (!isImpartial(volunteer, stored.submittedMs)) return true;
  return false;
}

/** Those before it go where their jobs have ended, or where they are too many. */
export function keepGoneChooser(state: CoordinatorState, volunteerId: string): void {
  const { goneChoosers, volunteers } = state;
  goneChoosers.add(volunteerId);
  for (const oldest of goneChoosers) {
    const volunteer = volunteers.get(oldest);
    if (goneChoosers.size <= GONE_CHOOSERS_MAX && volunteer !== undefined && hasChosen(state, volunteer)) return;
    goneChoosers.delete(oldest);
    forgetVolunteer(state, oldest);
  }
}

export function forgetVolunteer({ volunteers, crowd }: CoordinatorState, volunteerId: string): void {
  const rowsTaken = volunteers.get(volunteerId)?.rowsTaken ?? 0;
  volunteers.delete(volunteerId);
  if (rowsTaken > 0) crowd.met--;
}
