/** How many rows of a job the coordinator computes for its checks, at most: as its submitter and the operator say. SPEC.md VF10. */

import { lowerCap } from "../../../../checks/price.ts";
import type { CoordinatorSettings } from "../../../../coordinator/state.ts";
import type { StoredJob } from "../../records.ts";
import type { StoredBlock } from "../work.ts";

type Asked = Pick<StoredJob["submission"], "coordinatorRowsMax">;

/**
 * The lower cap of submitter and operator. One row for each query is all that the coordinator can compute: an operator's share of 1 or more caps nothing.
 * @param rows of the whole job
 * @returns null: nobody caps it
 * @example [rowsMaxOf({}, 1_000, { auditShareMax: 0.1 }), rowsMaxOf({ coordinatorRowsMax: 40 }, 1_000, { auditShareMax: 4 })] // -> [100, 40]
 */
export function rowsMaxOf(
  { coordinatorRowsMax = null }: Asked | { readonly coordinatorRowsMax?: number | null | undefined },
  rows: number,
  { auditShareMax }: Pick<CoordinatorSettings, "auditShareMax">,
): number | null {
  return lowerCap(coordinatorRowsMax ?? null, auditShareMax >= 1 ? null : Math.floor(auditShareMax * rows));
}

/**
 * What the blocks that were opened before leave of it: a naming makes a job dearer, and never dearer than its cap.
 * @example rowsMaxLeft(100, []) // -> 100
 */
export function rowsMaxLeft(rowsMax: number | null, before: readonly Pick<StoredBlock, "block">[]): number | null {
  if (rowsMax === null) return null;
  const spent = before.reduce((sum, { block }) => sum + block.terms.priceRows, 0);
  return Math.max(0, rowsMax - spent);
}
