import type { MatmulReceipt } from "../../../shared/kinds/matmul/receipt.ts";
import type { CodedWords, ReceiptParts } from "../../coded/coded-words.ts";
import { matmulTexts } from "./matmul-texts.ts";

export const MATMUL_WORDS: CodedWords = { step: "slice", result: "product", privacy: matmulTexts.privacy };

export function matmulReceiptParts(receipt: MatmulReceipt): ReceiptParts {
  const { hashes, noProduct } = matmulTexts;
  return {
    words: MATMUL_WORDS,
    steps: receipt.slices,
    files: [
      [hashes.left, receipt.leftSha256],
      [hashes.right, receipt.rightSha256],
    ],
    numbers: [[hashes.product, receipt.productSha256]],
    rounding: [],
    absent: noProduct,
  };
}
