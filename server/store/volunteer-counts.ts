/** What is counted of a volunteer, and by which coordinators of a service. CELLS.md CE4. */
import type { StoredVolunteer, VolunteerCounts } from "./store.ts";

export const NOTHING_COUNTED: VolunteerCounts = {
  creditMacs: 0,
  creditAssignments: 0,
  auditsPassed: 0,
  auditsFailed: 0,
  rowsTaken: 0,
};

export const COUNTS = Object.keys(NOTHING_COUNTED) as readonly (keyof VolunteerCounts)[];

/** The counts of a record alone. */
export function volunteerCounts(volunteer: VolunteerCounts): VolunteerCounts {
  return countsOf((name) => volunteer[name]);
}

/** What this coordinator alone has counted. */
export function countsBeside({ elsewhere = NOTHING_COUNTED, ...all }: StoredVolunteer): VolunteerCounts {
  return countsOf((name) => all[name] - elsewhere[name]);
}

function countsOf(count: (name: keyof VolunteerCounts) => number): VolunteerCounts {
  return Object.fromEntries(COUNTS.map((name) => [name, count(name)])) as unknown as VolunteerCounts;
}
