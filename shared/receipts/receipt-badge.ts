/** A receipt in one line: a sentence to quote, and a picture to put beside a result. Neither proves anything: the receipt does. */
import type { CheckedReceipt } from "./checked-receipt.ts";
import type { ReceiptFinding } from "./findings.ts";

const LETTER_PIXELS = 6.6;
const PADDING_PIXELS = 10;
const HEIGHT_PIXELS = 20;

/** null: there is nothing to quote. */
export function receiptQuote({ ended, counted }: CheckedReceipt, findings: readonly ReceiptFinding[]): string | null {
  if (ended === null || findings.some(({ state }) => state === "broken")) return null;
  const { jobId, keyId, receipt } = ended;
  const what =
    counted === null
      ? `a ${receipt.kind} job`
      : `${counted.answers.queryCount} answers, of which ${counted.answers.final} are final and ${counted.answers.byMark.exact ?? 0} were computed by the coordinator itself`;
  return `Computed by volunteers with Paritab: ${what} (job ${jobId}, receipt signed with key ${keyId}; check it with "paritab verify").`;
}

/** As SVG: what was checked, and how it came out. */
export function receiptBadge({ counted, ended }: CheckedReceipt, findings: readonly ReceiptFinding[]): string {
  const isBroken = ended === null || findings.some(({ state }) => state === "broken");
  const of = counted === null ? "signed" : `${counted.answers.final} of ${counted.answers.queryCount} final`;
  const [left, right, colour] = ["paritab receipt", isBroken ? "does not hold" : of, isBroken ? "#a32020" : "#1f6f43"];
  const widthOf = (text: string) => Math.ceil(text.length * LETTER_PIXELS + 2 * PADDING_PIXELS);
  const [first, second] = [widthOf(left), widthOf(right)];
  const text = (content: string, x: number) =>
    `<text x="${x}" y="14" fill="#fff" font-family="Verdana,sans-serif" font-size="11">${content}</text>`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${first + second}" height="${HEIGHT_PIXELS}" role="img" aria-label="${left}: ${right}">`,
    `<rect width="${first + second}" height="${HEIGHT_PIXELS}" rx="3" fill="#444"/>`,
    `<rect x="${first}" width="${second}" height="${HEIGHT_PIXELS}" rx="3" fill="${colour}"/>`,
    text(left, PADDING_PIXELS),
    text(right, first + PADDING_PIXELS),
    "</svg>",
  ].join("");
}
