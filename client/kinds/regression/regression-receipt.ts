import type { RegressionReceipt } from "../../../shared/kinds/regression/receipt.ts";
import type { CodedWords, ReceiptParts } from "../../coded/coded-words.ts";
import { regressionTexts } from "./regression-texts.ts";

export const REGRESSION_WORDS: CodedWords = { step: "iteration", result: "weights", privacy: regressionTexts.privacy };

export function regressionReceiptParts(receipt: RegressionReceipt): ReceiptParts {
  const { hashes, noWeights } = regressionTexts;
  return {
    words: REGRESSION_WORDS,
    steps: receipt.iterations,
    files: [
      [hashes.features, receipt.featuresSha256],
      [hashes.labels, receipt.labelsSha256],
      [hashes.weights, receipt.weightsSha256],
    ],
    numbers: [],
    rounding: receipt.rounding?.notes ?? [regressionTexts.roundedBefore],
    absent: noWeights,
  };
}
