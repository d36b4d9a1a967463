/** [SL1] Rows of a batch that came before its answer. */
import { joinFloats } from "../../../../shared/numbers/join-floats.ts";
import type { ResultSignature } from "../../../shell/kind-desk.ts";
import type { HeldSlices } from "../core/job.ts";
import type { BatchLayout } from "./golden-rows.ts";

export interface RowsSoFar {
  /** One after the other, from the first row that was sent. */
  readonly outputs: readonly Float32Array[];
  readonly rows: number;
  /** Of all of them; null: they came from a tab without a key. */
  readonly signed: ResultSignature | null;
}

/** What of an open round is looked at here. */
export interface SlicedRound {
  /** By assignment, as the slices are. */
  readonly layouts: ReadonlyMap<number, BatchLayout>;
  readonly slices: Map<number, RowsSoFar>;
}

export interface SliceOrigin {
  readonly assignmentId: number;
  /** Place of its first row among those that were sent. */
  readonly first: number;
  /** Of all rows up to its last one. */
  readonly signed: ResultSignature | null;
}

/**
 * Holds a slice that follows those before it.
 * @param sent rows of that width
 * @returns null: it does not, or nobody knows in which order the batch was sent
 */
export function holdSlice(
  round: SlicedRound,
  { assignmentId, first, signed }: SliceOrigin,
  sent: Float32Array,
  width: number,
): HeldSlices | null {
  const layout = round.layouts.get(assignmentId);
  const before = round.slices.get(assignmentId) ?? { outputs: [], rows: 0 };
  const rows = first + sent.length / width;
  if (layout === undefined || before.rows !== first || rows > layout.order.length) return null;
  round.slices.set(assignmentId, { outputs: [...before.outputs, sent], rows, signed });
  const places = layout.order.subarray(0, rows);
  const duplicatesEnd = layout.order.length - layout.golden.length;
  const duplicatesFrom = duplicatesEnd - layout.duplicates.length;
  return {
    ...{ type: "slices", rows },
    ownRows: places.reduce((count, row) => count + (row < duplicatesFrom ? 1 : 0), 0),
    duplicates: [...places.filter((row) => row >= duplicatesFrom && row < duplicatesEnd)]
      .map((row) => row - duplicatesFrom)
      .sort((a, b) => a - b),
  };
}

/**
 * [PR106] An answer without the rows that were handed over before it.
 * @param rest its last rows, fewer than `rowCount`
 * @returns all rows, or what is wrong
 */
export function behindSlices(
  { slices }: Pick<SlicedRound, "slices">,
  assignmentId: number,
  rest: Float32Array,
  { rowCount, width }: { readonly rowCount: number; readonly width: number },
): Float32Array | string {
  const { outputs, rows } = slices.get(assignmentId) ?? { outputs: [], rows: 0 };
  const rowsLeft = rest.length / width;
  if (rows + rowsLeft === rowCount) return joinFloats([...outputs, rest]);
  return `expected ${rowCount} rows, or the ${rowCount - rows} that were not handed over, got ${rowsLeft}`;
}
