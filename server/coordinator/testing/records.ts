/** Records as the store keeps them, for stories that begin with some. */
import type { StoredVolunteer } from "../../store/store.ts";

/** Of a volunteer that has done nothing yet, but for what is told of it. */
export function volunteerRecord(volunteerId: string, of: Partial<StoredVolunteer> = {}): StoredVolunteer {
  return {
    volunteerId,
    nickname: "",
    team: "",
    creditMacs: 0,
    creditAssignments: 0,
    auditsPassed: 0,
    auditsFailed: 0,
    rowsTaken: 0,
    choseUntilMs: null,
    ownerId: null,
    quarantine: null,
    released: null,
    ...of,
  };
}

/** What a volunteer is quarantined for. */
export const CAUGHT = { atMs: 1, jobId: "job", roundIndex: 0, reason: "1 of 3 recomputed rows differ" };
