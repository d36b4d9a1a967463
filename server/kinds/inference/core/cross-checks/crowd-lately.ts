/** Shares of liars and of colluders, as they were seen lately: by rows and not by heads. SPEC.md CC6. */
import {
  colluderShareOfJob,
  type Namings,
  type Seniority,
} from "../../../../../shared/verify/cross-checks/crowd-window.ts";
import { ESTABLISHED_ROWS } from "../../../../../shared/verify/cross-checks/parameters.ts";
import type { CoordinatorState, Volunteer } from "../../../../coordinator/state.ts";

const NOBODY_NAMED: Namings = { covered: 0, caught: 0 };

export function seniorityOf({ rowsTaken }: Pick<Volunteer, "rowsTaken">): Seniority {
  return rowsTaken >= ESTABLISHED_ROWS ? "established" : "newcomer";
}

/** Rows of this volunteer were taken in. */
export function rowsTakenIn({ crowdLately, volunteers }: CoordinatorState, volunteerId: string, rows: number): void {
  const volunteer = volunteers.get(volunteerId);
  if (volunteer === undefined) return;
  crowdLately.window.addRows(seniorityOf(volunteer), rows);
  crowdLately.rowsSinceAlarm += rows;
  volunteer.rowsTaken += rows;
}

/**
 * It was named just now.
 * @param byPartner its answer differed from that of a partner; else the coordinator came upon it unasked, and looks more closely for a while
 */
export function wasNamed(
  { crowdLately, volunteers }: CoordinatorState,
  volunteer: Volunteer,
  byPartner: boolean,
): void {
  const { window } = crowdLately;
  const met = [...volunteers.values()].filter(({ rowsTaken }) => rowsTaken > 0).length;
  const typicalRows = window.rows / Math.max(1, met);
  window.addNaming(seniorityOf(volunteer), { rows: Math.max(1, volunteer.rowsTaken), typicalRows, byPartner });
  if (!byPartner) crowdLately.rowsSinceAlarm = Math.floor(crowdLately.rowsSinceAlarm / 2);
}

/** beta of a job that begins. */
export function colluderShareLately({ crowdLately }: CoordinatorState): number {
  return colluderShareOfJob(NOBODY_NAMED, crowdLately.window.namings);
}

/** beta of a job, by what it saw itself and what the service saw lately. */
export function colluderShareIn({ crowdLately }: CoordinatorState, seen: Namings): number {
  return colluderShareOfJob(seen, crowdLately.window.namings);
}

/** f of volunteers like this one. */
export function liarShareLately({ crowdLately }: CoordinatorState, volunteer: Pick<Volunteer, "rowsTaken">): number {
  return crowdLately.window.liarShare(seniorityOf(volunteer));
}
