/** Whose result stands for a worker index, and what was really done to check it: its bound is computed from that. */
import type { BackendClass } from "../../../../shared/verify/compare-rows.ts";

/** [CC4] What the coins of its rows are tossed with. */
export interface Coins {
  /** Which answer to its rows it is. */
  readonly attempt: number;
  /** Rows of others that went with it. */
  readonly duplicates: number;
  /** Of these, the rows that did not stand out; absent: all of them in a job whose queries are dealt together, and else none. */
  readonly hidden?: number;
  /** [CC12] In which window of its job it was taken in; absent: of a job that has none. */
  readonly window?: number;
}

export interface BatchSource {
  readonly volunteerId: string;
  readonly precision: BackendClass;
  /** Rows drawn at random that were recomputed. 0: the operator's cap left none, or the scheme has no audits. */
  readonly auditedRows: number;
  /** Of these, the rows of its own draw; absent: all of them. The others were drawn of somebody's who gave a second opinion. */
  readonly ownDrawnRows?: number;
  /** Another volunteer that computed the same batch and agreed in every row. */
  readonly opinionBy: string | null;
  /** [CC3] Its rows are cross-checked. Absent: they are audited, or nothing checks them. */
  readonly coins?: Coins;
  /** [PC11] The back-end that it was computed on, which nothing fixes, and that none of fixed arithmetic has confirmed. Absent: neither. */
  readonly card?: string;
  /** Taken back while its volunteer was quarantined: it is done again, though the volunteer has been released since. */
  readonly isWithdrawn?: true;
}
