/** [CE8] How much of the service's tabs a coordinator asks for: by the submitters that have jobs at work, without the tabs going to and fro whenever one ends. */

export interface CellShare {
  readonly value: number;
  /** Since when it has had jobs of fewer than that, and of how many at most since then; null: it has not. */
  readonly less: { readonly sinceMs: number; readonly submitters: number } | null;
  /** Since when it has had jobs and no tab, while others had tabs; null: it has not. */
  readonly starvedMs: number | null;
  /** It is more than its submitters, because no tab was at home with less. */
  readonly isRelief: boolean;
}

export const NO_SHARE: CellShare = { value: 0, less: null, starvedMs: null, isRelief: false };

const SHARE_MAX = 2 ** 30;
/** Of few networks one may have all tabs: they would go to and fro if a share fell as soon as they had come, or rose as soon as they were gone. */
const RELIEF_KEPT_TIMES = 30;

export interface ShareSeen {
  /** That have jobs at work here: whoever submits many does not draw the homes of tabs anew with each. */
  readonly submitters: number;
  /** At home here. */
  readonly tabs: number;
  /** Has any other coordinator a job at work? */
  readonly areOthersBusy: boolean;
  readonly haveOthersTabs: boolean;
  readonly nowMs: number;
  /** After so long a share changes that does not rise with the submitters. */
  readonly keptMs: number;
}

/**
 * It rises at once, and falls after a while. Where nobody has anything to do it stays: tabs stay where they were wanted last. Of few tabs none may be at
 * home where there is work: then it is doubled, look by look, until one is, and falls only after a long while.
 */
export function nextShare(share: CellShare, seen: ShareSeen): CellShare {
  const { submitters, tabs, areOthersBusy, haveOthersTabs, nowMs, keptMs } = seen;
  // Where the tabs that it had asked for are gone again, another one starves by turns: the turns are long.
  const sinceWhenMs = share.isRelief ? nowMs + (RELIEF_KEPT_TIMES - 1) * keptMs : nowMs;
  const starvedMs = submitters > 0 && tabs === 0 && haveOthersTabs ? (share.starvedMs ?? sinceWhenMs) : null;
  if (starvedMs !== null && nowMs - starvedMs >= keptMs)
    return { value: Math.min(SHARE_MAX, 2 * Math.max(share.value, submitters)), less: null, starvedMs, isRelief: true };
  const anew = { less: null, starvedMs, isRelief: false };
  if (submitters >= share.value) return { value: submitters, ...anew };
  const { sinceMs, submitters: most } = share.less ?? { sinceMs: nowMs, submitters: 0 };
  const less = { sinceMs, submitters: Math.max(most, submitters) };
  const waitMs = (share.isRelief ? RELIEF_KEPT_TIMES : 1) * keptMs;
  const stays = nowMs - sinceMs < waitMs || (less.submitters === 0 && !areOthersBusy);
  return stays ? { ...share, less, starvedMs } : { value: less.submitters, ...anew };
}
