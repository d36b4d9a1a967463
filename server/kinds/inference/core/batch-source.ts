/** Whose result stands for a worker index, and what was really done to check it: its bound is computed from that. */
import type { PrecisionClass } from "../../../../shared/verify/compare-rows.ts";

export interface BatchSource {
  readonly volunteerId: string;
  readonly precision: PrecisionClass;
  /** Rows drawn at random that were recomputed. 0: the operator's cap left none, or the scheme has no audits. */
  readonly auditedRows: number;
  /** Another volunteer that computed the same batch and agreed in every row. */
  readonly opinionBy: string | null;
  /** Taken back while its volunteer was quarantined: it is done again, though the volunteer has been released since. */
  readonly isWithdrawn?: true;
}

export function sourceOf({ volunteerId, precision, auditedRows, opinionBy }: BatchSource): BatchSource {
  return { volunteerId, precision, auditedRows, opinionBy };
}

/** Did anybody check any of it? */
export function isChecked({ auditedRows, opinionBy }: BatchSource): boolean {
  return auditedRows > 0 || opinionBy !== null;
}
