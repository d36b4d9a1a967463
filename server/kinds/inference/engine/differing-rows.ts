/** The rows of a batch that differ from what was recomputed: evidence against whoever sent them. */
import { EVIDENCE_NUMBERS_MAX, EVIDENCE_ROWS_MAX } from "../../../../shared/protocol/limits.ts";
import type { DifferingRow } from "../../../../shared/protocol/operator-api.ts";

/** Where rows that differ belong, and who sent them. */
export interface SentRows {
  readonly volunteerId: string;
  readonly roundIndex: number;
  readonly workerIndex: number;
  /** Absent: answers that were looked at again when their round was long over. */
  readonly assignmentId?: number;
}

export type OnDiffering = (sent: SentRows, rows: readonly DifferingRow[]) => void;

/** One row of a batch, as it was sent and as it was recomputed; copies. */
export interface RecomputedRow {
  readonly row: number;
  readonly received: Float32Array;
  readonly expected: Float32Array;
}

/** Evidence: the first rows that differ, and of each the first numbers. */
export function evidenceOf(rows: readonly RecomputedRow[]): DifferingRow[] {
  return rows.slice(0, EVIDENCE_ROWS_MAX).map(({ row, received, expected }) => differingRow(row, received, expected));
}

function differingRow(row: number, received: Float32Array, expected: Float32Array): DifferingRow {
  return {
    row,
    received: [...received.subarray(0, EVIDENCE_NUMBERS_MAX)],
    expected: [...expected.subarray(0, EVIDENCE_NUMBERS_MAX)],
    deviation: deviation(expected, received),
  };
}

/** The largest difference over the rms of what was expected; over 1 where that is nothing. */
function deviation(expected: Float32Array, received: Float32Array): number {
  let largest = 0;
  let squares = 0;
  for (let c = 0; c < expected.length; c++) {
    largest = Math.max(largest, Math.abs(expected[c]! - received[c]!));
    squares += expected[c]! ** 2;
  }
  return largest / (Math.sqrt(squares / expected.length) || 1);
}
