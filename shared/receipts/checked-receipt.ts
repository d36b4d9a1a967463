/** What a check of a receipt is given, and what it finds. */
import type { Counted } from "./check-rows.ts";
import type { ReceiptFinding } from "./findings.ts";
import type { EndedStatement, SealedReceipt } from "./sealed-receipt.ts";

export interface ReceiptToCheck {
  /** The receipt as a file. */
  readonly receipt: Uint8Array;
  /** A file that lies beside it; null: it is not there. */
  file(name: string): Promise<Uint8Array | null>;
  /** answers.npy, or what the job's kind has in its place; null: it is not there. */
  readonly answers: Uint8Array | null;
  /** A key that is known from elsewhere; null: none is. */
  readonly pinnedKey: string | null;
  /** What was told when the job began; null: nobody noted it. */
  readonly pinnedCommitment: string | null;
  /** What the submitter sent with the job; null, or absent: nobody noted it. */
  readonly pinnedNonce?: string | null;
  /** The hash of the rules that was told then; null, or absent: nobody noted it. */
  readonly pinnedRules?: string | null;
}

/** Of a job in parts it is of all of them, as if they were one. */
export interface CheckedReceipt {
  readonly findings: readonly ReceiptFinding[];
  /** null: it is none. */
  readonly sealed: SealedReceipt | null;
  readonly ended: EndedStatement | null;
  readonly counted: Counted | null;
  /** rows.bin where it is what was signed. */
  readonly rows: Uint8Array | null;
  /** Answers that were final, and are not any more by what the amendments say, in their order. */
  readonly takenBack: readonly TakenBackSince[];
}

/** What one amendment takes back. */
export interface TakenBackSince {
  readonly volunteerId: string;
  readonly atMs: number;
  readonly reason: string;
  /** Final answers of its own: by their places. */
  readonly queries: readonly number[];
  /** Final answers of others that it had given a second opinion on: which of them stand without it, the coordinator alone knows. */
  readonly leanedOn: number;
}
