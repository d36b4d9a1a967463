/** One submitter's jobs before a crowd in which one party lies: what is set, and what came of it. */
import type { GroupRule, LedgerClaim } from "../../../server/rows/words.ts";
import type { DrivenClaim, DrivenEffect } from "../../crowd/rows/driven-rows.ts";
import type { Said } from "./coalition.ts";
import type { Plan } from "./plans.ts";

export interface ServiceOptions {
  readonly seed: number;
  readonly plan: Plan;
  readonly volunteers: number;
  /** Of each job, a volunteer. */
  readonly rowsEach: number;
  readonly jobs: number;
  /** Of the volunteers that are one party; at least one, where it is above 0. */
  readonly liarShare: number;
  /** eps */
  readonly answerBound: number;
  /** Jobs of the account that are at work at the same time; 1 unless told. */
  readonly openAtOnce?: number;
  /** M of the account before the first job: rows that nobody lied about; 0 unless told. */
  readonly placesBefore?: number;
  /** Until a row that the coordinator is asked for is there; 0 unless told. */
  readonly coordinatorMs?: number;
  /** What a row takes the coordinator, which computes a block that is too dear alone where that takes 5 s at most; 15 unless told. */
  readonly coordinatorRowMs?: number;
  /** Uncoded unless told. */
  readonly rule?: GroupRule;
  /** Are all keys of the party behind one address? Each has one of its own unless told. */
  readonly isOneAddress?: boolean;
  /** The first of the volunteers, the party's before others, have so many seats; absent: nobody has one. */
  readonly seats?: { readonly count: number; readonly believed: boolean };
  /** Keys behind each address of the party, among which it divides its pace; 1 unless told. */
  readonly keysPerLiar?: number;
  /** Of all findings, those after which nobody is named: a device that broke, a naming that was not confirmed. 0 unless told. */
  readonly excusedShare?: number;
  /** Half of the party is named at another submitter's job when so much of the second job is answered, 0..1; absent: nobody is. */
  readonly namedElsewhereAt?: number;
}

export interface JobTally {
  readonly rows: number;
  /** c of the first block; null: it was not opened. */
  readonly checkShare: number | null;
  /** Blocks that were opened, 0 to 3. */
  readonly blocks: number;
  readonly findings: number;
  readonly trusted: number;
  readonly duplicates: number;
  readonly final: number;
  /** Wrong, and final at any time. */
  readonly wrongFinal: number;
  /** Answers among these whose coin asked the coordinator or an honest partner: the checks lost it. 0, whatever anybody does. */
  readonly unasked: number;
}

export interface ServiceTally {
  readonly jobs: readonly JobTally[];
  /** Rows that were asked for, of the jobs alone. */
  readonly rows: number;
  readonly tabRows: number;
  readonly liarsNamed: number;
  readonly honestNamed: number;
  /** Of the account at the end. */
  readonly charged: number;
  readonly held: number;
}

/** A claim with its job, so that claims of several jobs have numbers of their own. */
export interface ServiceClaim extends DrivenClaim {
  readonly of: LedgerClaim;
  readonly jobAt: number;
  /** null: of an honest tab, or of a liar that has not computed anything of it. */
  said: Said | null;
}

export type ServiceEffect =
  | DrivenEffect
  | { readonly type: "drop"; readonly claim: ServiceClaim; readonly items: readonly number[] }
  | { readonly type: "void"; readonly claim: ServiceClaim };
