/**
 * [AS4] A key that cannot compute a model loses its turns at that model, longer each time in a row. Whoever only says so loses them too, and
 * nothing else: a failure names nobody and ends no job. At several models it is the device that is broken.
 */
import {
  FAILED_MODELS_KEPT_MAX,
  FAILED_MODELS_TO_REST,
  FAILED_TURNS_MS_FIRST,
  FAILED_TURNS_MS_MAX,
} from "../../shared/protocol/limits.ts";
import type { Step } from "./core-kind.ts";
import { turnsChanged } from "./crowd/keep-crowd.ts";
import type { CoordinatorState } from "./state.ts";
import { setTimer } from "./step-context.ts";

/** @returns whether it failed at so many models that it loses its turns at all of them */
export function losesTurnsAt(step: Step, volunteerId: string, model: string): boolean {
  const volunteer = step.state.volunteers.get(volunteerId);
  if (volunteer === undefined) return false;
  const failed = volunteer.failedModels;
  const { inRow = 0 } = failed.get(model) ?? {};
  const untilMs = step.nowMs + Math.min(FAILED_TURNS_MS_MAX, FAILED_TURNS_MS_FIRST * 2 ** inRow);
  failed.delete(model);
  failed.set(model, { inRow: inRow + 1, untilMs });
  if (failed.size > FAILED_MODELS_KEPT_MAX) failed.delete(failed.keys().next().value ?? "");
  turnsChanged(step.state, volunteer);
  setTimer(step, untilMs, { kind: "rest" });
  return failed.size >= FAILED_MODELS_TO_REST;
}

/** It has computed one of it. */
export function hasItsTurnsAt(state: CoordinatorState, volunteerId: string, model: string): void {
  const volunteer = state.volunteers.get(volunteerId);
  if (volunteer?.failedModels.delete(model) === true) turnsChanged(state, volunteer);
}

/** Is it another's turn at that model? */
export function isOutOfTurn({ volunteers, nowMs }: CoordinatorState, volunteerId: string, model: string): boolean {
  const failed = volunteers.get(volunteerId)?.failedModels.get(model);
  return failed !== undefined && failed.untilMs > nowMs;
}
