/** Waits for what tabs have in hand. */
import type { Assignment, CoordinatorState } from "../coordinator/state.ts";
import type { Clock } from "./clock.ts";

const LOOK_MS = 20;

/** @returns whether everything came in, was checked and is durable by then */
export async function whenQuiet(state: CoordinatorState, clock: Clock, untilMs: number): Promise<boolean> {
  while (!isQuiet(state) && clock.nowMs() < untilMs) {
    await new Promise<void>((resolve) => clock.at(Math.min(untilMs, clock.nowMs() + LOOK_MS), resolve));
  }
  return isQuiet(state);
}

function isQuiet({ assignments, numericsPending, persistQueue }: CoordinatorState): boolean {
  // What is done beside others is begun anew in any case.
  const isAwaited = ({ state, queueing }: Assignment) =>
    queueing === "alone" && state !== "accepted" && state !== "dropped";
  const isUnanswered = [...assignments.values()].some(isAwaited);
  return !isUnanswered && numericsPending.size === 0 && persistQueue.length === 0;
}
