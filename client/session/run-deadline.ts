import { LATE_FACTOR_MAX, TAB_RUN_MS_MAX } from "../../shared/protocol/limits.ts";

/** A late answer may still be of use; a thread that takes longer than that is taken for dead. */
export function runDeadlineMs(deadlineMs: number): number {
  return Math.max(deadlineMs, Math.min(deadlineMs * LATE_FACTOR_MAX, TAB_RUN_MS_MAX));
}
