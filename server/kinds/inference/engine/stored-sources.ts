/** Whose result each row of a stored round is from, as its plan says it. */
import { coarserOf } from "../../../../shared/verify/model-class.ts";
import type { BatchSource, Coins } from "../core/batch-source.ts";
import type { AnswerSource } from "./answer-kinds.ts";
import type { StoredPlan } from "./stored-plan.ts";

/** @returns of a row of the round, and the volunteer whose answer it is, how its batch was checked; null: that is not known */
export function sourcesIn({
  sources,
  batchRows,
  splits = [],
  placements,
  rowsPerGroup,
}: StoredPlan): (row: number, volunteerId: string) => AnswerSource | null {
  const slotOf = new Map(splits.flatMap((slot) => slot.rows.map((row) => [row, slot] as const)));
  const isSplit = new Set(splits.map(({ workerIndex }) => workerIndex));
  const weakest = weakestByVolunteer(sources.filter((_, workerIndex) => !isSplit.has(workerIndex)));
  return (row, volunteerId) => {
    const slot = slotOf.get(row);
    const own = slot && sources[slot.workerIndex];
    if (slot && own?.volunteerId === volunteerId) return { ...own, batchRows: slot.rows.length };
    const batch = slot || rowsPerGroup === undefined ? null : sources[placements?.[row] ?? row % rowsPerGroup];
    if (batch?.volunteerId === volunteerId) return { ...batch, batchRows };
    const other = weakest.get(volunteerId);
    return other === undefined ? null : { ...other, batchRows };
  };
}

/** Of a row that is in no batch of its volunteer that is known, the least checked of the volunteer's batches counts. */
function weakestByVolunteer(sources: readonly (BatchSource | null)[]): Map<string, BatchSource> {
  const weakest = new Map<string, BatchSource>();
  for (const source of sources) {
    if (source === null) continue;
    const other = weakest.get(source.volunteerId) ?? source;
    weakest.set(source.volunteerId, {
      ...source,
      precision: coarserOf(source.precision, other.precision),
      auditedRows: Math.min(source.auditedRows, other.auditedRows),
      opinionBy: source.opinionBy === null ? null : other.opinionBy,
      // Whose rows are cross-checked in part has the bound of that.
      ...laterCoins(source.coins, other.coins),
    });
  }
  return weakest;
}

/** [CC12] Of two batches those that were taken in later, where they have windows. */
function laterCoins(one: Coins | undefined, other: Coins | undefined): { coins?: Coins } {
  const coins = one !== undefined && (one.window ?? 0) >= (other?.window ?? 0) ? one : (other ?? one);
  return coins === undefined ? {} : { coins };
}
