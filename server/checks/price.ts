/** What the checks of a job cost the coordinator if nobody lies, told before the job begins and when a naming raises it. */

export interface JobPrice {
  readonly rows: number;
  /** Rows that the coordinator computes, on average. */
  readonly coordinatorRows: number;
  /** Rows that tabs answer twice, on average. */
  readonly duplicateRows: number;
}

/**
 * The lower cap of submitter and operator on the rows that the coordinator computes.
 * @example [lowerCap(null, 500), lowerCap(100, 500), lowerCap(null, null)] // -> [500, 100, null]
 */
export function lowerCap(ofSubmitter: number | null, ofOperator: number | null): number | null {
  if (ofSubmitter === null || ofOperator === null) return ofSubmitter ?? ofOperator;
  return Math.min(ofSubmitter, ofOperator);
}
