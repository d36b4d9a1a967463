/** How the results of a job were checked, and what that is worth, in words. Pure. */
import { codedTexts } from "./coded-texts.ts";
import type { AnyCodedReceipt, CodedWords } from "./coded-words.ts";

const texts = codedTexts.receipt;

/** @returns sentences; the first says the method, what is alarming comes last */
export function checkingWords(receipt: AnyCodedReceipt, { result }: CodedWords): string[] {
  const { verification, correctedResults, undecodedRounds } = receipt;
  const { method, keyCount, errorPerResult, errorOfJob, resultsChecked, resultsRejected } = verification;
  const sentences: string[] = [
    method === "freivalds" ? texts.methods.freivalds(keyCount, errorPerResult ?? 1) : texts.methods[method],
  ];
  if (errorOfJob !== null) sentences.push(texts.whole(resultsChecked, errorOfJob));
  if (method !== "none") sentences.push(texts.rejected(resultsRejected));
  if (correctedResults > 0) sentences.push(texts.corrected(correctedResults));
  if (undecodedRounds > 0) sentences.push(texts.undecoded(result, undecodedRounds));
  return sentences;
}

/** May somebody who trusts the coordinator trust what came out? */
export function isAlarming({ verification, undecodedRounds }: AnyCodedReceipt): boolean {
  return verification.method === "none" || undecodedRounds > 0;
}
