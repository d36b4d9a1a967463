import type { Effect } from "../../server/coordinator/effects.ts";
import type { CoordinatorEvent, Happening } from "../../server/coordinator/events.ts";
import { initialState } from "../../server/coordinator/state.ts";
import { step } from "../../server/kinds/core-kinds.ts";

/** Drives the core. @returns says what has happened */
export function driveCore(
  nowMs: () => number,
  log: (event: CoordinatorEvent) => void,
  carryOut: (effect: Effect) => void,
) {
  const state = initialState();
  const queue: CoordinatorEvent[] = [];
  let isAtWork = false;

  return function happen(happening: Happening): void {
    queue.push({ ...happening, atMs: nowMs() } as CoordinatorEvent); // every event carries its time
    if (isAtWork) return; // one event at a time, in the order in which they came
    isAtWork = true;
    for (let event = queue.shift(); event !== undefined; event = queue.shift()) {
      log(event); // this log replays to the same state
      for (const effect of step(state, event)) carryOut(effect); // in order; never wait between two of them
    }
    isAtWork = false;
  };
}
