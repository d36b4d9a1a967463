/** What the command line says of a job of one kind while it runs, and when it has ended. */
import type { JobView } from "../../shared/kinds/kinds.ts";

export interface JobWords<View extends JobView> {
  /** What has been done, of what. */
  doneOf(job: View): readonly [done: number, total: number];
  /** How good that is; empty: nothing to say. */
  qualityOf(job: View): string;
  /** What a job that is done came to. */
  outcomeOf(job: View): string;
  /** What is left, in words; null: measured by whoever watches. */
  leftOf(job: View): string | null;
  /** What of the job may still change, with `--require-final`; null: nothing. */
  notFinal(job: View): string | null;
}
