/**
 * The receipt of a job in parts (docs/receipts.md): one signed statement of which part has which queries, and the signed receipt of each part.
 * Each part is certified with the bound of the whole, and expectations add up.
 */
import { z } from "zod";
import { sha256 } from "../protocol/api-fields.ts";
import { PARTS_MAX } from "../protocol/limits.ts";
import { utf8 } from "./bytes.ts";
import { canonical } from "./canonical.ts";
import { KEYS_MAX } from "./limits.ts";
import {
  keyIdSchema,
  keyLinkSchema,
  type SealedReceipt,
  type Statement,
  sealedReceiptSchema,
  signatureSchema,
} from "./sealed-receipt.ts";

export const WHOLE_FORMAT = "paritab-whole-receipt-1";

export const wholeStatementSchema = z.strictObject({
  body: z.strictObject({
    format: z.literal(WHOLE_FORMAT),
    jobId: z.string().min(1),
    atMs: z.number().int().min(0).describe("Milliseconds since 1970, by the coordinator's own word."),
    keyId: keyIdSchema,
    queryCount: z.number().int().positive(),
    parts: z
      .array(
        z.strictObject({
          jobId: z.string().min(1),
          firstQuery: z.number().int().min(0),
          queryCount: z.number().int().positive(),
          statement: sha256.describe("sha-256 of the first statement of the part's receipt, signature and all."),
        }),
      )
      .min(1)
      .max(PARTS_MAX)
      .describe("In the order of the queries: together they have each query once."),
  }),
  signature: signatureSchema,
});
export type WholeStatement = z.infer<typeof wholeStatementSchema>;
export type WholeBody = WholeStatement["body"];

export const sealedWholeSchema = z
  .strictObject({
    format: z.literal(WHOLE_FORMAT),
    keys: z.array(keyLinkSchema).min(1).max(KEYS_MAX).describe("From the first one to the one that signed the whole."),
    whole: wholeStatementSchema,
    parts: z
      .array(sealedReceiptSchema)
      .min(1)
      .max(PARTS_MAX)
      .describe("The receipt of each part, with its amendments so far."),
  })
  .meta({ id: "SealedWhole" });
export type SealedWhole = z.infer<typeof sealedWholeSchema>;

/** What the signature of a whole is over. */
export function wholeMessage(body: WholeBody): Uint8Array<ArrayBuffer> {
  return utf8(`${WHOLE_FORMAT}\n${canonical(body)}`);
}

/** What a file of a part is called beside the receipt of the whole. @param index of the part, from 0 on */
export function partFileName(index: number, name: string): string {
  return `${index}.${name}`;
}

/** The job that a receipt is of. */
export function jobOfReceipt(receipt: SealedReceipt | SealedWhole): string {
  return "parts" in receipt ? receipt.whole.body.jobId : receipt.statements[0]!.body.jobId;
}

/** What was signed, one after the other; of a job in parts for each part. */
export function chainsOf(receipt: SealedReceipt | SealedWhole): (readonly Statement[])[] {
  return "parts" in receipt ? receipt.parts.map(({ statements }) => statements) : [receipt.statements];
}

/** The files that a receipt names: beside the receipt of a whole lie those of all parts. */
export function filesNamed(receipt: SealedReceipt | SealedWhole): string[] {
  if ("parts" in receipt)
    return receipt.parts.flatMap((part, i) => filesNamed(part).map((name) => partFileName(i, name)));
  const first = receipt.statements[0]?.body;
  return first?.what === "ended" ? first.files.map(({ name }) => name) : [];
}
