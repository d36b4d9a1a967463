/** A hash of the coordinator's state, to compare a run with its replay. */
import { createHash } from "node:crypto";
import type { CoordinatorState } from "../state.ts";

export function stateFingerprint(state: CoordinatorState): string {
  const json = JSON.stringify(state, (key, value: unknown) => {
    if (key === "plan" || key === "schedule") return undefined; // made from the job's own submission and its windows
    if (value instanceof Map) return { map: [...value] };
    if (value instanceof Set) return { set: [...value] };
    return value;
  });
  return createHash("sha256").update(json).digest("hex");
}
