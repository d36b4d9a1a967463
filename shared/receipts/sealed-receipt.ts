/**
 * The form of a signed receipt (docs/receipts.md): statements that each hold the hash of the one before, each signed by the key that
 * the coordinator had, and those keys, each signed by the one before.
 */
import { z } from "zod";
import { sha256 } from "../protocol/api-fields.ts";
import { hexOf, utf8 } from "./bytes.ts";
import { canonical } from "./canonical.ts";
import { KEYS_MAX, NONCE_LENGTH_MAX, STATEMENTS_MAX } from "./limits.ts";
import { digestOf } from "./sha256.ts";

export const RECEIPT_FORMAT = "paritab-receipt-1";
const KEY_FORMAT = "paritab-receipt-key-1";
/** Before the first statement. */
export const NO_STATEMENT_BEFORE = "0".repeat(64);

/** Of a file beside a receipt, which people keep in a folder of theirs: it leads nowhere else. */
const FILE_NAME = /^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/;

export const keyIdSchema = z.string().regex(/^[0-9a-f]{32}$/, "expected 32 hex digits");
/** 32 and 64 bytes in base64, in the one form that they have: the bits that are left over are zero. */
const publicKeySchema = z.string().regex(/^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/, "expected 32 bytes in base64");
export const signatureSchema = z.string().regex(/^[A-Za-z0-9+/]{85}[AQgw]==$/, "expected 64 bytes in base64");
const timeMs = z.number().int().min(0).describe("Milliseconds since 1970, by the coordinator's own word.");

export const keyLinkSchema = z
  .strictObject({
    publicKey: publicKeySchema.describe("Ed25519, 32 bytes."),
    fromMs: timeMs,
    before: keyIdSchema
      .nullable()
      .describe("The key that vouches for this one; null: none does. It is the first, or the one before was lost."),
    signature: signatureSchema.describe("By the key before; where there is none, by this key itself."),
  })
  .meta({ id: "ReceiptKey" });
export type KeyLink = z.infer<typeof keyLinkSchema>;

/** What a commitment names in place of the queries of a stream, which come while it runs. */
export const STREAM_QUERIES = "stream";

export const commitmentSchema = z.strictObject({
  commitment: sha256.describe(
    "Of the job's secret, the submitter's nonce and the hash of the queries: told when the job began.",
  ),
  nonce: z.string().max(NONCE_LENGTH_MAX).describe("The submitter's; empty: none was given."),
  queries: z.string().describe('sha-256 of the queries as submitted; "stream": they came while it ran.'),
});
export type Commitment = z.infer<typeof commitmentSchema>;

const treeSchema = z.strictObject({ count: z.number().int().min(0), root: sha256 });

const common = {
  format: z.literal(RECEIPT_FORMAT),
  jobId: z.string().min(1),
  seq: z.number().int().min(0),
  atMs: timeMs,
  before: sha256.describe("sha-256 of the statement before, signature and all; 64 zeros before the first."),
  keyId: keyIdSchema,
};

const endedSchema = z.strictObject({
  ...common,
  what: z.literal("ended"),
  receipt: z
    .looseObject({ jobId: z.string(), kind: z.string() })
    .describe("What receipt.json said when it was signed."),
  volunteersAreBeside: z.boolean().describe("receipt.volunteers did not fit: they are in volunteers.json."),
  commitment: commitmentSchema.nullable().describe("null: the job made none."),
  opened: sha256.nullable().describe("The job's secret, 32 bytes in hex; null: it is not opened."),
  auditShareMax: z
    .number()
    .nullable()
    .describe("The operator's cap on recomputed rows, as a share of all; null: of no audited job."),
  anchorShare: z
    .number()
    .nullable()
    .describe(
      "Of a job that is cross-checked: the share of rows that the coordinator computes unasked, of a stream in each of its ledgers at least; null: of no such job.",
    ),
  rules: sha256
    .optional()
    .describe(
      "Of the numbers of the rules that bounds rest on, as told when the job began; absent: of an earlier version.",
    ),
  trees: z
    .strictObject({ rows: treeSchema, batches: treeSchema })
    .nullable()
    .describe("Of the records of rows.bin and the lines of batches.jsonl; null: the job's kind has none."),
  signatures: treeSchema
    .optional()
    .describe("Of the lines of signatures.jsonl; absent: no result of it is signed by its volunteer."),
  onRows: z
    .strictObject({ anchorShare: z.number().min(0).max(1), duplicateShare: z.number().min(0).max(1) })
    .optional()
    .describe(
      "Of a job whose rows went out one by one, of all its blocks the least: coins below anchorShare the coordinator answers, the next duplicateShare another tab; absent: of another job.",
    ),
  rounds: treeSchema
    .optional()
    .describe("Of the lines of rounds.jsonl, one an iteration of a regression; absent: of no such job."),
  files: z.array(z.strictObject({ name: z.string().regex(FILE_NAME), bytes: z.number().int().min(0), sha256 })),
});
export type EndedStatement = z.infer<typeof endedSchema>;
export type FileBeside = EndedStatement["files"][number];

const amendmentSchema = z.strictObject({
  ...common,
  what: z.enum(["quarantined", "released"]),
  volunteerId: z.string(),
  reason: z.string(),
});
export type Amendment = z.infer<typeof amendmentSchema>;

const redoneSchema = z.strictObject({
  ...common,
  what: z.literal("redone"),
  by: z
    .string()
    .describe("The job that redid rows of this one: its own receipt says which rows, and with what result."),
  statement: sha256.describe("sha-256 of the first statement of that job's receipt, signature and all."),
});

export const statementBodySchema = z.discriminatedUnion("what", [endedSchema, amendmentSchema, redoneSchema]);
export type StatementBody = z.infer<typeof statementBodySchema>;

export const statementSchema = z.strictObject({ body: statementBodySchema, signature: signatureSchema });
export type Statement = z.infer<typeof statementSchema>;

export const sealedReceiptSchema = z
  .strictObject({
    format: z.literal(RECEIPT_FORMAT),
    keys: z.array(keyLinkSchema).min(1).max(KEYS_MAX),
    statements: z.array(statementSchema).min(1).max(STATEMENTS_MAX),
  })
  .meta({ id: "SealedReceipt" });
export type SealedReceipt = z.infer<typeof sealedReceiptSchema>;

/** @param publicKey 32 bytes. @returns the first 32 hex digits of their sha-256 */
export function keyIdOf(publicKey: Uint8Array): string {
  return hexOf(digestOf(publicKey)).slice(0, 32);
}

/** What the signature of a statement is over. */
export function statementMessage(body: StatementBody): Uint8Array<ArrayBuffer> {
  return utf8(`${RECEIPT_FORMAT}\n${canonical(body)}`);
}

/** What the signature of a key is over. */
export function keyMessage({ publicKey, fromMs, before }: Omit<KeyLink, "signature">): Uint8Array<ArrayBuffer> {
  return utf8(`${KEY_FORMAT}\n${canonical({ publicKey, fromMs, before })}`);
}

/** What the next statement holds of this one. */
export function statementHash(statement: Statement): string {
  return hexOf(digestOf(utf8(canonical(statement))));
}
