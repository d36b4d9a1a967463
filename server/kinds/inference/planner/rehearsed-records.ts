/** What is recomputed of whom in a rehearsal, and what that is worth: the records of its tabs, as they grow. */
import { AUDIT_TOP_UP_SHARE_MAX } from "../../../../shared/protocol/limits.ts";
import { answerBound } from "../../../../shared/verify/audit-bounds.ts";
import { CLASS_ROWS_MIN, CLASS_ROWS_TO_TELL } from "../../../../shared/verify/model-class.ts";
import { auditsNeededAmong, shareFor } from "../../../coordinator/reputation-bounds.ts";
import type { LiarShares } from "../../../coordinator/verified-work.ts";
import { classRowsOf, type InferencePlan, isRawWorker, randomAuditRows } from "../core/inference-plan.ts";
import type { DrawnTab } from "./drawn-crowd.ts";
import { goldenRowsOf } from "./golden-rule.ts";

export class RehearsedRecords {
  readonly #plan: InferencePlan;
  readonly #tabs: readonly DrawnTab[];
  readonly #queryCount: number;
  readonly #answerBound: number;
  readonly #liarShares: LiarShares;
  readonly #needed: number;
  readonly #passed: number[];
  readonly #measured: number[];
  readonly #rows: number[];
  readonly #auditedOf: number[];
  /** Has it a batch whose rows are not within the job's bound by its own audits? */
  readonly #isUnsure: boolean[];
  #auditedRows = 0;

  constructor(
    plan: InferencePlan,
    tabs: readonly DrawnTab[],
    job: { readonly queryCount: number; readonly answerBound: number },
    liarShares: LiarShares,
  ) {
    this.#plan = plan;
    this.#tabs = tabs;
    this.#queryCount = job.queryCount;
    this.#answerBound = job.answerBound;
    this.#liarShares = liarShares;
    this.#needed = auditsNeededAmong(liarShares, job.answerBound);
    this.#passed = tabs.map(({ auditsPassed }) => auditsPassed);
    this.#measured = tabs.map(({ rowsMeasured }) => rowsMeasured);
    this.#rows = tabs.map(() => 0);
    this.#auditedOf = tabs.map(() => 0);
    this.#isUnsure = tabs.map(() => false);
  }

  /** Of all tabs so far. */
  get auditedRows(): number {
    return this.#auditedRows;
  }

  /** Whose record reaches the bound needs nobody's opinion. */
  isKnown(tab: number): boolean {
    return this.#passed[tab]! >= this.#needed;
  }

  /** [PC6] @param draw uniform in [0, 1) */
  goldenRows(tab: number, workerIndex: number, draw: number): number {
    if (this.#plan.verification !== "audits" || !isRawWorker(this.#plan, workerIndex)) return 0;
    return goldenRowsOf({ knownRows: this.#auditedRows, isMeasured: this.#isMeasured(tab), draw });
  }

  #isMeasured(tab: number): boolean {
    return this.#measured[tab]! >= CLASS_ROWS_MIN;
  }

  /** Rows of its batch are recomputed. @returns whether it lied: [PC5] then more of them were looked at */
  audit(tab: number, batchRows: number, goldenRows: number): boolean {
    const drawn = randomAuditRows(batchRows, this.#passed[tab]!, this.#needed);
    const rows = drawn + (this.#isMeasured(tab) ? 0 : classRowsOf(batchRows, drawn));
    if (this.#tabs[tab]!.isLiar) {
      this.#auditedRows += Math.max(rows, Math.min(batchRows, CLASS_ROWS_TO_TELL));
      return true;
    }
    this.#auditedRows += rows;
    this.#passed[tab]! += rows;
    this.#auditedOf[tab]! += rows;
    this.#measured[tab]! += rows + goldenRows;
    this.#rows[tab]! += batchRows;
    const alone = shareFor(this.#liarShares, this.#passed[tab]!) * escapingShare(batchRows, drawn);
    if (alone > this.#answerBound) this.#isUnsure[tab] = true;
    return false;
  }

  /** Of what nothing is recomputed. */
  count(tab: number, batchRows: number): void {
    this.#rows[tab]! += batchRows;
  }

  /** Rows of volunteers without a record that are recomputed at the end. @returns how many volunteers it was done for */
  topUp(): number {
    let rowsLeft = Math.ceil(this.#queryCount * AUDIT_TOP_UP_SHARE_MAX);
    let volunteers = 0;
    this.#rows.forEach((rows, tab) => {
      const missing = Math.min(this.#needed - this.#passed[tab]!, rows - this.#auditedOf[tab]!, rowsLeft);
      if (!this.#isUnsure[tab] || missing <= 0) return;
      rowsLeft -= missing;
      this.#passed[tab]! += missing;
      this.#auditedRows += missing;
      volunteers++;
    });
    return volunteers;
  }

  /** [VF9] Of an answer in a full batch of whoever's record is the shortest at the end. */
  wrongBound(): number {
    const batchRows = Math.min(this.#plan.groupsPerRound, this.#queryCount);
    let worst = 0;
    this.#rows.forEach((rows, tab) => {
      if (rows === 0) return;
      const auditsPassed = this.#passed[tab]!;
      const liarShare = shareFor(this.#liarShares, auditsPassed);
      const auditedRows = randomAuditRows(batchRows, auditsPassed, this.#needed);
      worst = Math.max(worst, answerBound({ batchRows, auditedRows, auditsPassed, liarShare }));
    });
    return worst;
  }
}

/** freshBound of audit-bounds.ts as it is for large batches, x (1-x)^c at its largest: a rehearsal asks for it of every batch. */
function escapingShare(batchRows: number, auditedRows: number): number {
  if (auditedRows >= batchRows) return 0;
  return (auditedRows / (auditedRows + 1)) ** auditedRows / (auditedRows + 1);
}
