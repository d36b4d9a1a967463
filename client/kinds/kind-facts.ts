/** What submitters' and operators' pages ask of a kind of job: its name and its figures. All of it is light. */
import type { RowsView } from "../../shared/kinds/inference/rows-view.ts";
import type { JobView } from "../../shared/kinds/kinds.ts";
import type { JobPages } from "./job-pages.ts";

export interface KindFacts<View extends JobView = JobView> {
  /** For people. */
  readonly name: string;
  /** How far along a job is, from 0 to 1. */
  progressOf(job: View): number;
  /** Absent: results are checked without recomputing any of them. */
  auditsOf?(job: View): Audits;
  /** Absent, or undefined: it does not run on the ledger of rows. */
  rowsOf?(job: View): RowsOfJob | undefined;
  /** What the dashboard shows of it, loaded where it is shown. */
  pages(): Promise<JobPages<View>>;
}

/** A job on the ledger of rows, as operators see it. */
export interface RowsOfJob extends Pick<RowsView, "waiting" | "notFinalForMs"> {
  readonly trustedRows: number;
  readonly pricedRows: number;
  /** Of the whole job. */
  readonly rows: number;
}

/** Rows of a job that the coordinator recomputed, to check tabs. */
export interface Audits {
  readonly rows: number;
  /** Of those: how many differed. */
  readonly failed: number;
  /** Of the whole job. */
  readonly queries: number;
}
