/** What a check of a receipt says. */

/** In the order in which they are made, with what each looks at. */
export const CHECKS = {
  form: "the receipt is in the one form that it has",
  keys: "each key of the coordinator is vouched for by the one before",
  statements: "every statement is signed, and follows the one before",
  pinned: "it is signed by the key that you know",
  whole: "it is signed which parts the job has",
  parts: "the parts have every query once, and these are their receipts",
  files: "the files beside the receipt are the signed ones",
  rows: "the records of the answers make up the signed root",
  answers: "the answers are the signed ones",
  counts: "the receipt's totals agree with the records of its answers",
  batches: "the results that stand make up the signed root",
  signatures: "volunteers signed the results that they are said to have sent, with these answers in them",
  rounds: "the rounds make up the signed root, and lead to the weights",
  commitment: "the secret that was opened is the one that was committed to before the job began",
  draws: "rows that the secret draws were computed by the coordinator",
  bounds: "no bound is smaller, and no answer more final, than the receipt's own counts and marks allow",
  product: "the result is what the data gives",
  redone: "the second receipt is that of the job that did rows of it again",
  sample: "rows that are computed again, here, agree",
  head: "no amendment is missing",
} as const;
export type CheckName = keyof typeof CHECKS;

export interface ReceiptFinding {
  readonly check: CheckName;
  /** open: it could not be checked, and the text says why. */
  readonly state: "holds" | "broken" | "open";
  /** One sentence, without its full stop. */
  readonly text: string;
}

export function holds(check: CheckName, text: string): ReceiptFinding {
  return { check, state: "holds", text };
}

export function broken(check: CheckName, text: string): ReceiptFinding {
  return { check, state: "broken", text };
}

export function open(check: CheckName, text: string): ReceiptFinding {
  return { check, state: "open", text };
}

/** @example listed([3, 5, 8], 2) // -> "3, 5 and 1 more" */
export function listed(items: readonly (string | number)[], shown = 5): string {
  const more = items.length - shown;
  return more <= 0 ? items.join(", ") : `${items.slice(0, shown).join(", ")} and ${more} more`;
}
