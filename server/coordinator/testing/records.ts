/** Records as the store keeps them, for stories that begin with some. */
import type { StoredVolunteer } from "../../store/store.ts";
import { unknownVolunteer } from "../reputation.ts";

/** Of a volunteer that has done nothing yet, but for what is told of it. */
export function volunteerRecord(volunteerId: string, of: Partial<StoredVolunteer> = {}): StoredVolunteer {
  return { ...unknownVolunteer(volunteerId), ...of };
}

/** What a volunteer is quarantined for. */
export const CAUGHT = { atMs: 1, jobId: "job", roundIndex: 0, reason: "1 of 3 recomputed rows differ" };
