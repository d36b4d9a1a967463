/** One job of the row-level simulator: who works, who lies how, and what the service saw before. */

export const PLANS = [
  "honest",
  "constant",
  "sleeper",
  "endgame",
  "first",
  "burst",
  "chorus",
  "rush",
  "redo",
  "churn",
  "comes back",
  "night",
] as const;
export type Plan = (typeof PLANS)[number];

export interface RowOptions {
  readonly seed: number;
  readonly volunteers: number;
  /** N */
  readonly rows: number;
  /** G */
  readonly batchRows: number;
  /** eps */
  readonly bound: number;
  readonly plan: Plan;
  /** Share of the volunteers that are one coalition; 0 where the plan is honest. */
  readonly liarShare: number;
  /** Share of the rows that the coalition lies about where its plan has it lie: the same rows, whoever is asked. */
  readonly lieRate: number;
  /** Where `endgame` begins, as a share of the job. */
  readonly endgameFrom?: number;
  /** Volunteers at one address; 1 unless told. */
  readonly perAddress?: number;
  /** Keys that each volunteer of the coalition has behind its address, among which it divides its rows; 1 unless told. */
  readonly keysPerLiar?: number;
  /** Do the volunteers have rows of ended jobs behind them? Then all are established from the start, liars too. */
  readonly isKnown: boolean;
  /** Of the coalition's, if the volunteers have such rows; absent: as many as the others. */
  readonly liarRowsBefore?: number;
  /** R: answers of the service before this job. */
  readonly rowsSinceAlarm: number;
  /** Did the service name anybody lately? Then the bound is split as for a service under attack. */
  readonly wasSomebodyNamed: boolean;
}

export interface RowTally {
  readonly rows: number;
  readonly wrongFinal: number;
  /** Stated bounds of all final answers, added up. */
  readonly boundSum: number;
  /** Answers that are wrong, final or not. */
  readonly wrong: number;
  readonly final: number;
  readonly unanswered: number;
  /** Duplicates, hidden, in closing and of samples; batches of work in all of them. */
  readonly duplicateRows: number;
  readonly redoneRows: number;
  /** Rows that the trusted side computed: first audits, anchors, trusted rows of samples, settled differences, agreements looked at. */
  readonly trustedRows: number;
  /** Of them at the end of a clean job, so that it is certified. */
  readonly toppedUpRows: number;
  readonly samples: number;
  readonly liarsMet: number;
  readonly liarsNamed: number;
  readonly honestNamed: number;
  /** Mean over the named liars: rows that were taken in between the first lie and the naming. */
  readonly rowsUntilNamed: number | null;
  readonly colluderShare: number;
  readonly liarShare: number;
}
