import type { RunEvent, Timeless } from "../coded/core/run-events.ts";
import type { GradientJob } from "../coded/core/run-job.ts";
import type { Effect, UnnumberedEffect } from "./effects.ts";
import type { CoordinatorState, Job, Round, TimerPurpose } from "./state.ts";

/** One step in the making: the state, the time, and the effects asked for so far. */
export interface Step {
  readonly state: CoordinatorState;
  readonly nowMs: number;
  readonly effects: Effect[];
  /** Rounds in which something changed: they are looked at again before the step ends. */
  readonly touched: Map<Round, Job>;
  /** What trainings of gradient jobs are told before the step ends, in order. */
  readonly told: { readonly job: GradientJob; readonly event: TrainingEvent }[];
}

/** "started": the first thing that a training hears. */
export type TrainingEvent = { readonly type: "started" } | Timeless<RunEvent>;

export function startStep(state: CoordinatorState, nowMs: number): Step {
  // Time never runs backwards inside the coordinator, whatever the clock of the shell does.
  state.nowMs = Math.max(state.nowMs, nowMs);
  return { state, nowMs: state.nowMs, effects: [], touched: new Map(), told: [] };
}

/** Numbers an effect and puts it in line. @returns its id, by which its outcome will be known */
export function emit(step: Step, effect: UnnumberedEffect): number {
  const effectId = step.state.nextEffectId++;
  step.effects.push({ ...effect, effectId } as Effect);
  return effectId;
}

/** Puts an event in line for the training of a gradient job (gradient-training.ts). */
export function tell(step: Step, job: GradientJob, event: TrainingEvent): void {
  if (job.training !== null) step.told.push({ job, event });
}

/** As emit, for work of the numerics pool: counted until its outcome is back, for back-pressure. */
export function emitNumerics(step: Step, effect: UnnumberedEffect): number {
  const effectId = emit(step, effect);
  step.state.numericsPending.add(effectId);
  return effectId;
}

export function setTimer(step: Step, atMs: number, purpose: TimerPurpose): number {
  const timerId = step.state.nextTimerId++;
  step.state.timers.set(timerId, purpose);
  emit(step, { type: "setTimer", timerId, atMs });
  return timerId;
}

export function clearTimer(step: Step, timerId: number | null): void {
  if (timerId === null || !step.state.timers.delete(timerId)) return;
  emit(step, { type: "clearTimer", timerId });
}
