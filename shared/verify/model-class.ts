/**
 * How exactly one back-end computes one model: measured on rows of the model whose answers the trusted side knows, recomputed or
 * golden. The known question at the entrance says only that a tab works; a tab that answers it badly on purpose gains nothing by it.
 */
import type { BackendClass } from "./compare-rows.ts";

/** Rows that say what a class is: a tab that is off in one row of three is in none of these classes for long. */
export const CLASS_ROWS_MIN = 3;
/** Where a row is off, so many of its batch are looked at before anybody is judged, or all of a smaller one. */
export const CLASS_ROWS_TO_TELL = 8;

/** Rows that were looked at, by how far off they were. */
export interface RowsLooked {
  /** Within the narrow tolerance, or the close one of a back-end whose arithmetic is fixed. */
  readonly fine: number;
  /** Not that, but within the wide one. */
  readonly coarse: number;
  /** Beyond both. */
  readonly wrong: number;
}

export const NOTHING_LOOKED: RowsLooked = { fine: 0, coarse: 0, wrong: 0 };

/**
 * right: it is taken in. coarser: all of it is off as half precision is, though it was measured finer: taken in as half precision.
 * lied: some rows are right and some are not, which no device does by itself. unfit: no row of this model was ever right.
 * unclear: so far none was, of too few.
 */
export type BatchVerdict = "right" | "coarser" | "lied" | "unfit" | "unclear";

/**
 * What rows of one batch say of whoever sent it, with those of the same model and back-end before.
 *
 * A broken card is wrong in each row, a liar in some: it wants its other rows to be believed. So a batch with right and wrong rows is
 * a lie, and so is a wrong row of a back-end that had right ones before, or a right one after wrong ones. Whoever is wrong in all of
 * them has nothing that is believed, and so nothing to gain by it.
 * @param measured its class before this batch
 * @example judgeBatch("float32", { fine: 3, coarse: 0, wrong: 0 }, { fine: 7, coarse: 0, wrong: 1 }) // -> "lied"
 * @example judgeBatch("float16", NOTHING_LOOKED, { fine: 0, coarse: 0, wrong: 8 }) // -> "unfit"
 */
export function judgeBatch(measured: BackendClass, before: RowsLooked, now: RowsLooked): BatchVerdict {
  const wrong = before.wrong + now.wrong;
  if (wrong > 0) {
    if (before.fine + before.coarse + now.fine + now.coarse > 0) return "lied";
    return wrong >= CLASS_ROWS_MIN ? "unfit" : "unclear";
  }
  if (now.coarse === 0 || measured === "float16") return "right";
  return now.fine === 0 && now.coarse >= CLASS_ROWS_MIN ? "coarser" : "lied";
}

/**
 * The class that is measured: what its probe promises once enough rows were within the tolerance of that and none beyond it. Until then what it sends
 * counts as half precision.
 * @param probed what the known question said last, and what its back-end adds to that
 * @example measuredClass({ fine: 3, coarse: 0, wrong: 0 }, "float32") // -> "float32"
 * @example measuredClass({ fine: 2, coarse: 0, wrong: 0 }, "float32") // -> "float16"
 */
export function measuredClass({ fine, coarse }: RowsLooked, probed: BackendClass): BackendClass {
  return coarse === 0 && fine >= CLASS_ROWS_MIN ? probed : "float16";
}

/**
 * Does it compute in float32, however exactly?
 * @example isFineClass("fixed32") // -> true
 */
export function isFineClass(of: BackendClass): boolean {
  return of !== "float16";
}

const FROM_FINEST: readonly BackendClass[] = ["fixed32", "float32", "float16"];

/** @example coarserOf("fixed32", "float32") // -> "float32" */
export function coarserOf(one: BackendClass, other: BackendClass): BackendClass {
  return FROM_FINEST.indexOf(one) > FROM_FINEST.indexOf(other) ? one : other;
}

/**
 * Both together.
 * @example addRows({ fine: 1, coarse: 0, wrong: 0 }, { fine: 2, coarse: 1, wrong: 0 }) // -> { fine: 3, coarse: 1, wrong: 0 }
 */
export function addRows(a: RowsLooked, b: RowsLooked): RowsLooked {
  return { fine: a.fine + b.fine, coarse: a.coarse + b.coarse, wrong: a.wrong + b.wrong };
}
