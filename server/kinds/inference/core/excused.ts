/** Keys whose cards gave rows that the order of sums decides, and in how many jobs. SPEC.md PC11. */
import type { CoordinatorState } from "../../../coordinator/state.ts";

/** [PC11] Jobs in which a key may be excused; in later ones it computes on fixed arithmetic, or not at all. */
const EXCUSED_JOBS_MAX = 3;
/** Keys that are remembered; the one that was excused longest ago goes first. */
const EXCUSED_KEYS_MAX = 10_000;

/** @param jobId in which it was excused */
export function noteExcused({ crowd }: Pick<CoordinatorState, "crowd">, volunteerId: string, jobId: string): void {
  const { excused, cardless } = crowd;
  if (cardless.has(volunteerId)) return;
  const jobs = (excused.get(volunteerId) ?? new Set()).add(jobId);
  excused.delete(volunteerId);
  if (jobs.size < EXCUSED_JOBS_MAX) excused.set(volunteerId, jobs);
  else cardless.add(volunteerId);
  for (const kept of [excused, cardless]) if (kept.size > EXCUSED_KEYS_MAX) kept.delete(kept.keys().next().value ?? "");
}
