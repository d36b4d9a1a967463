/** How large receipts and the files beside them may be. */

/** The statement of a job's end: with more volunteers than fit, who did what is a file beside it. */
export const STATEMENT_BYTES_MAX = 256 * 1024;
/** A receipt with all its amendments, as it is read: each is some 500 bytes. */
export const RECEIPT_BYTES_MAX = 16 * 1024 * 1024;
/** Of a job in parts, with the receipts of all of them. */
export const WHOLE_RECEIPT_BYTES_MAX = 64 * 1024 * 1024;
/** Files beside a receipt, of all parts together: those of the largest job have some 400 MiB. */
export const RECEIPT_FILES_BYTES_MAX = 1024 * 1024 * 1024;
/** The submitter's part of a commitment. */
export const NONCE_LENGTH_MAX = 64;
/** Of one line of batches.jsonl. */
export const BATCH_LINE_BYTES_MAX = 1024;
/** Of one line of signatures.jsonl. */
export const SIGNATURE_LINE_BYTES_MAX = 128 * 1024;
/** Of one line of rounds.jsonl. */
export const ROUND_LINE_BYTES_MAX = 4 * 1024 * 1024;
/** Amendments and keys are few; nobody has to look at more. */
export const STATEMENTS_MAX = 20_000;
export const KEYS_MAX = 1_000;
