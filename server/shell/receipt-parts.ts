/** What a desk has of an ended job that its signed receipt holds beside what receipt.json says. */
import type { Commitment, EndedStatement } from "../../shared/receipts/sealed-receipt.ts";

export interface SealedParts {
  /** null: the job made none. */
  readonly commitment: Commitment | null;
  readonly auditShareMax: number | null;
  /** null: it is not cross-checked. */
  readonly anchorShare: number | null;
  readonly trees: EndedStatement["trees"];
  /** Absent: no result of it is signed. */
  readonly signatures?: EndedStatement["signatures"];
  /** Absent: its rows did not go out one by one. */
  readonly onRows?: EndedStatement["onRows"];
  /** Absent: it is no regression, or none of its rounds was kept. */
  readonly rounds?: EndedStatement["rounds"];
  readonly files: readonly { readonly name: string; readonly bytes: Uint8Array }[];
}

/** Of a kind that has no more to say. */
export const NO_PARTS: SealedParts = {
  commitment: null,
  auditShareMax: null,
  anchorShare: null,
  trees: null,
  files: [],
};
