/** Why a job ended that did not do all that was asked: the same words in every list of jobs. */
interface EndedJob {
  readonly error: string | null;
  /** Of coded runs alone. */
  readonly endKind?: string | null;
  readonly endReason?: string | null;
}

/** null: it has not ended, or all of it is done, which its state says. */
export function whyEnded({ error, endKind, endReason = null }: EndedJob): string | null {
  return error ?? (endKind === "done" ? null : endReason);
}
