import { expect, test } from "vitest";
import type { CheckedReceipt } from "./checked-receipt.ts";
import { broken, holds } from "./findings.ts";
import { receiptBadge, receiptQuote } from "./receipt-badge.ts";

const checked = {
  ended: { jobId: "job-1", keyId: "ab", receipt: { kind: "inference" } },
  counted: { answers: { queryCount: 48, final: 45, byMark: { exact: 12 } } },
} as unknown as CheckedReceipt;
const fine = [holds("form", "canonical")];
const off = [broken("answers", "answer 3 is not what was signed")];

test("a sentence to quote names the job, the key and what was final; of what does not hold there is none", () => {
  expect(receiptQuote(checked, fine)).toBe(
    'Computed by volunteers with Paritab: 48 answers, of which 45 are final and 12 were computed by the coordinator itself (job job-1, receipt signed with key ab; check it with "paritab verify").',
  );
  expect(receiptQuote(checked, off)).toBeNull();
});

test("a badge says how it came out, and holds no text of anybody", () => {
  expect(receiptBadge(checked, fine)).toMatch(/^<svg xmlns=.* aria-label="paritab receipt: 45 of 48 final">.*<\/svg>$/);
  expect(receiptBadge(checked, off)).toContain("does not hold");
});
