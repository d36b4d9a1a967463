/** Is a file a receipt, byte by byte? */
import type { z } from "zod";
import { utf8 } from "./bytes.ts";
import { canonical } from "./canonical.ts";
import { broken, holds, type ReceiptFinding } from "./findings.ts";
import { RECEIPT_BYTES_MAX, RECEIPT_FILES_BYTES_MAX, WHOLE_RECEIPT_BYTES_MAX } from "./limits.ts";
import { type FileBeside, type SealedReceipt, sealedReceiptSchema } from "./sealed-receipt.ts";
import { type SealedWhole, sealedWholeSchema, WHOLE_FORMAT } from "./whole-receipt.ts";

interface ReadAs<Receipt> {
  readonly receipt: Receipt | null;
  readonly finding: ReceiptFinding;
}

/** Of a job in one piece, or in parts. @param bytes canonical JSON, with or without a newline at its end */
export function readReceipt(bytes: Uint8Array): ReadAs<SealedReceipt | SealedWhole> {
  const { value, finding } = canonicalJson(bytes);
  if (value === null) return { receipt: null, finding };
  if ((value as { format?: unknown }).format === WHOLE_FORMAT) return parsedAs(sealedWholeSchema, value, finding);
  return ofJob(bytes, value, finding);
}

/** Of a job in one piece, or of a part. */
export function readReceiptOfJob(bytes: Uint8Array): ReadAs<SealedReceipt> {
  const { value, finding } = canonicalJson(bytes);
  return value === null ? { receipt: null, finding } : ofJob(bytes, value, finding);
}

function ofJob({ length }: Uint8Array, value: object, finding: ReceiptFinding): ReadAs<SealedReceipt> {
  if (length <= RECEIPT_BYTES_MAX) return parsedAs(sealedReceiptSchema, value, finding);
  return { receipt: null, finding: broken("form", `expected at most ${RECEIPT_BYTES_MAX} bytes, got ${length}`) };
}

/** @param finding where nothing is wrong with it */
function parsedAs<Receipt>(schema: z.ZodType<Receipt>, value: object, finding: ReceiptFinding): ReadAs<Receipt> {
  const parsed = schema.safeParse(value);
  if (parsed.success && finding.state !== "broken") return { receipt: parsed.data, finding };
  if (parsed.success) return { receipt: null, finding };
  const { path, message } = parsed.error.issues[0]!;
  return { receipt: null, finding: broken("form", `${path.join(".") || "the receipt"}: ${message}`) };
}

/** @returns what it says, and whether it says that in the one form that it has; null: nothing */
function canonicalJson(bytes: Uint8Array): { value: object | null; finding: ReceiptFinding } {
  const fail = (text: string) => ({ value: null, finding: broken("form", text) });
  if (bytes.length > WHOLE_RECEIPT_BYTES_MAX)
    return fail(`expected at most ${WHOLE_RECEIPT_BYTES_MAX} bytes, got ${bytes.length}`);
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
  const said = typeof value === "object" && value !== null ? value : {};
  let expected: Uint8Array;
  try {
    expected = utf8(canonical(value));
  } catch (error) {
    // A number that is too large to be one.
    return fail((error as Error).message);
  }
  const own = bytes.at(-1) === 0x0a ? bytes.subarray(0, -1) : bytes;
  const differing = expected.findIndex((byte, place) => byte !== own[place]);
  if (differing >= 0 || own.length !== expected.length) {
    const place = differing >= 0 ? differing : expected.length;
    const finding = broken(
      "form",
      `byte ${place} is not as the canonical form has it: the file was changed, or written anew by a program`,
    );
    return { value: said, finding };
  }
  return { value: said, finding: holds("form", `${bytes.length} bytes of canonical JSON`) };
}

/** What is signed says how large it is: before anything of it is read. @returns null: it may be read */
export function sizeProblem(signed: readonly FileBeside[]): string | null {
  const bytes = signed.reduce((sum, file) => sum + file.bytes, 0);
  if (bytes <= RECEIPT_FILES_BYTES_MAX) return null;
  return `expected files of at most ${RECEIPT_FILES_BYTES_MAX} bytes together, the receipt names ${bytes}`;
}
