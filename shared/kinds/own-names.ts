/** What of a submission is told to whoever may read the job, and to nobody else. */

interface Told {
  readonly asked?: unknown;
  readonly source: object;
}

/** The same submission for receipts, which strangers read: without names of the submitter's own files. */
export function withoutOwnNames<Submission extends Told>({ asked: _asked, ...submission }: Submission): Submission {
  const { namesSha256: _names, ...source } = submission.source as { readonly namesSha256?: unknown };
  return { ...submission, source } as unknown as Submission;
}
