/** How the results of a job were checked, and what that is worth, in words. Pure. */

import type { MatmulReceipt } from "../../shared/kinds/matmul/receipt.ts";
import type { RegressionReceipt } from "../../shared/kinds/regression/receipt.ts";
import { training } from "../ui/training-texts.ts";

const texts = training.receipt;

/** @returns sentences; the first says the method, what is alarming comes last */
export function checkingWords(receipt: RegressionReceipt | MatmulReceipt): string[] {
  const { kind, verification, correctedResults, undecodedRounds } = receipt;
  const { method, keyCount, errorPerResult, errorOfJob, resultsChecked, resultsRejected } = verification;
  const sentences: string[] = [
    method === "freivalds" ? texts.methods.freivalds(keyCount, errorPerResult ?? 1) : texts.methods[method],
  ];
  if (errorOfJob !== null) sentences.push(texts.whole(resultsChecked, errorOfJob));
  if (method !== "none") sentences.push(texts.rejected(resultsRejected));
  if (correctedResults > 0) sentences.push(texts.corrected(correctedResults));
  if (undecodedRounds > 0) sentences.push(texts.undecoded(kind, undecodedRounds));
  return sentences;
}

/** May somebody who trusts the coordinator trust the weights or the product? */
export function isAlarming({ verification, undecodedRounds }: RegressionReceipt | MatmulReceipt): boolean {
  return verification.method === "none" || undecodedRounds > 0;
}
