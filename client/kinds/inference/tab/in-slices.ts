/**
 * A batch that takes long is computed in slices of about a second: between two of them the tab looks whether anybody still waits for it, so that
 * what it was told to drop takes no more of its time than one.
 */

import type { ComputeOutcome, ComputeTask } from "../../../../shared/compute/compute-thread-api.ts";
import { joinFloats } from "../../../../shared/numbers/join-floats.ts";

const SLICE_MS = 1_000;
/** What takes no longer is not cut: a model is faster on more rows. */
const WHOLE_MS_MAX = 2 * SLICE_MS;

export interface Slicing {
  /** Milliseconds of a row of this model when it was computed last; null: it was not. */
  readonly msPerRow: number | null;
  /** [PR113] How many of its rows are needed by now; absent: all. One at least is computed. */
  needed?(): number;
  run(slice: ComputeTask): Promise<ComputeOutcome>;
  /** @throws where nobody waits for it any more */
  look(): void;
  /** Told of what is computed so far, before it goes on. */
  onRows(soFar: ComputeOutcome, rows: number): Promise<void>;
  learned(msPerRow: number): void;
}

/**
 * Of a model that was not computed before they are not cut: nobody knows how long they take.
 * @returns as one run of all rows that are needed would, and how many those are
 * @throws Error where two back-ends have computed them: how exactly such a batch is computed nobody can say
 */
export async function inSlices(
  task: ComputeTask,
  { run, look, onRows, learned, needed = () => task.rowCount, ...known }: Slicing,
): Promise<ComputeOutcome & { readonly computed: number }> {
  const { rows, rowCount } = task;
  const width = rows.length / rowCount;
  let { msPerRow } = known;
  let whole: ComputeOutcome | null = null;
  let first = 0;
  for (let last = rowsNeeded(); first < last; last = rowsNeeded()) {
    const end = first + sliceRows(last - first, msPerRow);
    const isAll = first === 0 && end === rowCount;
    const slice = isAll ? task : { ...task, rows: rows.slice(first * width, end * width), rowCount: end - first };
    const outcome = await run(slice);
    msPerRow = outcome.computeMs / (end - first);
    learned(msPerRow);
    whole = whole === null ? outcome : joined(whole, outcome);
    first = end;
    if (first >= rowsNeeded()) break;
    look();
    await onRows(whole, first);
  }
  if (whole === null) throw new Error("inSlices: expected a batch with rows, got none");
  return { ...whole, computed: first };

  function rowsNeeded(): number {
    return Math.min(rowCount, Math.max(1, needed()));
  }
}

/** Slices of one size, as far as can be: some back-ends prepare themselves for each. */
function sliceRows(rowsLeft: number, msPerRow: number | null): number {
  const expectedMs = (msPerRow ?? 0) * rowsLeft;
  if (expectedMs <= WHOLE_MS_MAX) return rowsLeft;
  return Math.ceil(rowsLeft / Math.ceil(expectedMs / SLICE_MS));
}

function joined(before: ComputeOutcome, after: ComputeOutcome): ComputeOutcome {
  if (before.backend !== after.backend)
    throw new Error(`the back-end changed in the middle of a batch, from ${before.backend} to ${after.backend}`);
  const outputs = joinFloats([before.outputs, after.outputs]);
  return { ...before, ...after, outputs, computeMs: before.computeMs + after.computeMs };
}
