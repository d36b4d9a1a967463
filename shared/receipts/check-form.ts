/** Is a file a receipt, byte by byte? */
import { utf8 } from "./bytes.ts";
import { canonical } from "./canonical.ts";
import { broken, holds, type ReceiptFinding } from "./findings.ts";
import { RECEIPT_BYTES_MAX } from "./limits.ts";
import { type SealedReceipt, sealedReceiptSchema } from "./sealed-receipt.ts";

/** @param bytes canonical JSON, with or without a newline at its end */
export function readReceipt(bytes: Uint8Array): { receipt: SealedReceipt | null; finding: ReceiptFinding } {
  const fail = (text: string) => ({ receipt: null, finding: broken("form", text) });
  if (bytes.length > RECEIPT_BYTES_MAX) {
    return fail(`expected at most ${RECEIPT_BYTES_MAX} bytes, got ${bytes.length}`);
  }
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch (error) {
    return fail(`expected JSON, got something else: ${(error as Error).message}`);
  }
  const format = typeof value === "object" && value !== null && "format" in value ? value.format : undefined;
  if (format === undefined && typeof value === "object" && value !== null && "jobId" in value) {
    return fail(
      "it is unsigned: what receipt.json gives, or a receipt of a version before signatures; anybody could have written it",
    );
  }
  const parsed = sealedReceiptSchema.safeParse(value);
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]!;
    return fail(`${path.join(".") || "the receipt"}: ${message}`);
  }
  const expected = utf8(canonical(value));
  const own = bytes.at(-1) === 0x0a ? bytes.subarray(0, -1) : bytes;
  const differing = expected.findIndex((byte, place) => byte !== own[place]);
  if (differing >= 0 || own.length !== expected.length) {
    const place = differing >= 0 ? differing : expected.length;
    return fail(
      `byte ${place} is not as the canonical form has it: the file was changed, or written anew by a program`,
    );
  }
  return { receipt: parsed.data, finding: holds("form", `${bytes.length} bytes of canonical JSON`) };
}
