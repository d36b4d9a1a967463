/** Shares of liars and of colluders, as they were seen lately: by rows and not by heads. SPEC.md CC6. */
import {
  colluderShareOfJob,
  type Namings,
  type Seniority,
} from "../../../../shared/verify/cross-checks/crowd-window.ts";
import { ESTABLISHED_ROWS, WINDOW_ROWS } from "../../../../shared/verify/cross-checks/parameters.ts";
import type { Step } from "../../../coordinator/core-kind.ts";
import { weighPartner } from "../../../coordinator/crowd/keep-crowd.ts";
import { keepCrowd } from "../../../coordinator/crowd-record.ts";
import type { CoordinatorState, Volunteer } from "../../../coordinator/state.ts";

const NOBODY_NAMED: Namings = { covered: 0, caught: 0 };

export function seniorityOf({ rowsTaken }: Pick<Volunteer, "rowsTaken">): Seniority {
  return rowsTaken >= ESTABLISHED_ROWS ? "established" : "newcomer";
}

/** Rows of this volunteer were taken in. */
export function rowsTakenIn(step: Step, volunteerId: string, rows: number): void {
  const { crowdLately, volunteers } = step.state;
  const volunteer = volunteers.get(volunteerId);
  if (volunteer === undefined) return;
  const isPartFull = crowdLately.window.addRows(seniorityOf(volunteer), rows);
  crowdLately.rowsSinceAlarm += rows;
  crowdLately.rowsEver += rows;
  if (volunteer.rowsTaken === 0) step.state.crowd.met++;
  volunteer.rowsTaken += rows;
  weighPartner(step.state, volunteerId);
  volunteer.lately = { rows: rowsLately(step.state, volunteer) + rows, atRow: crowdLately.rowsEver };
  if (isPartFull) keepCrowd(step);
}

/** About as many of its rows lie within the window: they leave it evenly, as the service takes in others. */
function rowsLately({ crowdLately }: CoordinatorState, { lately }: Pick<Volunteer, "lately">): number {
  return lately.rows * Math.max(0, 1 - (crowdLately.rowsEver - lately.atRow) / WINDOW_ROWS);
}

/** How it came out: its answer differed from a partner's, it had agreed with somebody's lie, or the coordinator came upon it unasked. */
export type NamedBy = "partner" | "word" | "coordinator";

/** It was named just now. Where no partner brought it out the coordinator looks more closely for a while. */
export function wasNamed(step: Step, volunteer: Volunteer, by: NamedBy): void {
  const { crowdLately, crowd } = step.state;
  const { window } = crowdLately;
  const typicalRows = window.rows / Math.max(1, crowd.met);
  const rows = Math.max(1, Math.round(rowsLately(step.state, volunteer)));
  const naming = { rows, typicalRows, byPartner: by === "partner", hasCovered: by === "word" };
  const before = crowdLately.rowsSinceAlarm;
  if (by !== "partner") crowdLately.rowsSinceAlarm = Math.floor(before / 2);
  const counted = window.addNaming(seniorityOf(volunteer), naming);
  volunteer.namingCounted = { counted, rowsForgotten: before - crowdLately.rowsSinceAlarm };
  keepCrowd(step);
}

/** beta of a job that begins. */
export function colluderShareLately({ crowdLately }: CoordinatorState): number {
  return colluderShareOfJob(NOBODY_NAMED, crowdLately.window.namings);
}
