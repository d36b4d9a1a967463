/** What a kind of job says of itself to the parts that all coded runs share. */

import type { CodedReceipt } from "../../shared/coded/receipt.ts";
import type { JobView } from "../../shared/kinds/kinds.ts";

/** Jobs whose data is coded over the tabs. */
export type CodedJobView = Extract<JobView, { code: object | null }>;
export type AnyCodedReceipt = CodedReceipt & { readonly submission: { readonly colluders: number } };

export interface CodedWords {
  /** One of what the run goes on by: "iteration". */
  readonly step: string;
  /** What comes out: "weights". */
  readonly result: string;
  /** What so many volunteers that pool what they hold do not learn, and what they do. */
  privacy(colluders: number): string;
}

/** What differs from kind to kind in the receipt of a coded run. */
export interface ReceiptParts {
  readonly words: CodedWords;
  /** How many were computed. */
  readonly steps: number;
  /** Names and sha-256 of files that somebody may have at hand; null: there is no such file. */
  readonly files: readonly (readonly [name: string, sha256: string | null])[];
  /** Of what is the same in every file that holds it. */
  readonly numbers: readonly (readonly [name: string, sha256: string | null])[];
  /** How numbers were rounded, in sentences; none: not at all. */
  readonly rounding: readonly string[];
  /** In place of a fingerprint that is null. */
  readonly absent: string;
}
