/** [CE8] How much of the service's tabs a coordinator asks for: by its jobs at work, without the tabs going to and fro whenever one ends. */

export interface CellShare {
  readonly value: number;
  /** Since when it has had fewer jobs than that, and how many at most since then; null: it has not. */
  readonly less: { readonly sinceMs: number; readonly jobs: number } | null;
  /** Since when it has had jobs and no tab, while others had tabs; null: it has not. */
  readonly starvedMs: number | null;
}

export const NO_SHARE: CellShare = { value: 0, less: null, starvedMs: null };

const SHARE_MAX = 2 ** 30;

export interface ShareSeen {
  /** At work here; those that take their turns as one are one. */
  readonly jobs: number;
  /** At home here. */
  readonly tabs: number;
  /** Has any other coordinator a job at work? */
  readonly areOthersBusy: boolean;
  readonly haveOthersTabs: boolean;
  readonly nowMs: number;
  /** After so long a share changes that does not rise with the jobs. */
  readonly keptMs: number;
}

/**
 * It rises at once, and falls after a while. Where nobody has anything to do it stays: tabs stay where they were wanted last. Of few tabs none may be at
 * home where there is work: then it is doubled, look by look, until one is.
 */
export function nextShare(share: CellShare, seen: ShareSeen): CellShare {
  const { jobs, tabs, areOthersBusy, haveOthersTabs, nowMs, keptMs } = seen;
  const starvedMs = jobs > 0 && tabs === 0 && haveOthersTabs ? (share.starvedMs ?? nowMs) : null;
  if (starvedMs !== null && nowMs - starvedMs >= keptMs)
    return { value: Math.min(SHARE_MAX, 2 * Math.max(share.value, jobs)), less: null, starvedMs };
  if (jobs >= share.value) return { value: jobs, less: null, starvedMs };
  const { sinceMs, jobs: most } = share.less ?? { sinceMs: nowMs, jobs: 0 };
  const less = { sinceMs, jobs: Math.max(most, jobs) };
  const stays = nowMs - sinceMs < keptMs || (less.jobs === 0 && !areOthersBusy);
  return stays ? { value: share.value, less, starvedMs } : { value: less.jobs, less: null, starvedMs };
}
