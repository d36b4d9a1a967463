/** What a coded run would cost. */

/** POST /api/estimates */
export interface CodedEstimate {
  volunteersNeeded: number;
  volunteersReady: number;
  /** 0 where it can begin at once. */
  volunteersMissing: number;
  shardBytesPerVolunteer: number;
  broadcastBytesPerIteration: number;
  resultBytesPerIteration: number;
  totalBytes: number;
  multiplicationsPerVolunteerPerIteration: number;
  /** Of the coordinator's checks, over what they check. */
  verificationShare: number;
  rounds: number;
  /** Work of all volunteers over that of `uncoded`. */
  redundancy: number;
  /** From speeds measured so far; null where none are. */
  secondsPerIteration: number | null;
}
