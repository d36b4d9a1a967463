/** What the texts of the volunteer's page are told, and what they say of each kind of job. */
import type { AssignmentMessage } from "../../../shared/kinds/assignments.ts";
import type { JobKind } from "../../../shared/kinds/kinds.ts";

/** May it compute on battery? `unknown`: it may not, but the browser does not tell. */
export type BatteryUse = "never" | "unknown" | "also";

/** What lending this tab costs, by the settings that hold now. */
export interface CostFigures {
  readonly threads: number;
  /** Cores of this device. */
  readonly cores: number;
  /** Share of the time, from 0 to 1. */
  readonly intensity: number;
  /** On average, of all threads together. */
  readonly watts: number;
  /** The limit on a day's traffic; null: none is set. */
  readonly capMb: number | null;
  readonly battery: BatteryUse;
}

/** What a volunteer is told of an assignment. */
export interface AssignmentWords {
  /** What the tab is doing. */
  readonly title: string;
  readonly sentence: string;
  /** What kind of work that is. */
  readonly what: string;
}

/** What a volunteer is told of one kind of job. */
export interface KindWords {
  readonly name: string;
  readonly assignments: { readonly [Work in AssignmentMessage["work"]]?: AssignmentWords };
  /** How far a job is, in the unit of its kind. */
  progress(done: number, all: number): string;
  /** What this browser did of a job. */
  own(done: { readonly rows: number; readonly batches: number }): string;
}

export type WordsOfKinds = Readonly<Record<JobKind, KindWords>>;
