/** What every page asks of a kind of job: its name, its words and its figures. All of it is light. */
import type { AssignmentMessage } from "../../shared/kinds/assignments.ts";
import type { JobView } from "../../shared/kinds/kinds.ts";
import type { JobPages } from "./job-pages.ts";

export interface KindFacts<View extends JobView = JobView> {
  /** For people. */
  readonly name: string;
  /** How far along a job is, from 0 to 1. */
  progressOf(job: View): number;
  /** Absent: results are checked without recomputing any of them. */
  auditsOf?(job: View): Audits;
  /** What a volunteer is told of its assignments. */
  readonly assignments: { readonly [Work in AssignmentMessage["work"]]?: AssignmentWords };
  /** What a volunteer is told of a job's progress. */
  progressWords(done: number, all: number): string;
  /** What the dashboard shows of it, loaded where it is shown. */
  pages(): Promise<JobPages<View>>;
}

/** Rows of a job that the coordinator recomputed, to check tabs. */
export interface Audits {
  readonly rows: number;
  /** Of those: how many differed. */
  readonly failed: number;
  /** Of the whole job. */
  readonly queries: number;
}

export interface AssignmentWords {
  /** What the tab is doing. */
  readonly title: string;
  readonly sentence: string;
  /** What kind of work that is. */
  readonly what: string;
}
