/** What a step does with its own parts: effects are numbered, timers set, and parts of jobs kept in mind until it ends. */
import { must } from "./assert.ts";
import type { CoreKind, CoreKinds, Step } from "./core-kind.ts";
import { timePassed } from "./crowd/keep-crowd.ts";
import type { Effect, UnnumberedEffect } from "./effects.ts";
import { partyOf } from "./parties.ts";
import type { CoordinatorState, Job, TimerPurpose } from "./state.ts";
import type { Own } from "./words.ts";

export function startStep(kinds: CoreKinds, state: CoordinatorState, nowMs: number): Step {
  // Time never runs backwards inside the coordinator, whatever the clock of the shell does.
  state.nowMs = Math.max(state.nowMs, nowMs);
  if (timePassed(state)) state.isSettled = false;
  return { kinds, state, nowMs: state.nowMs, foundNothing: false, effects: [], told: [] };
}

/** The kind of a job, or of an assignment. */
export function kindOf({ kinds }: Pick<Step, "kinds">, { kind }: { readonly kind: string }): CoreKind {
  return must(kinds.get(kind), `EV3: expected a kind of job that is registered, got ${kind}`);
}

/** Numbers an effect and puts it in line. @returns its id, by which its outcome will be known */
export function emit(step: Step, effect: UnnumberedEffect): number {
  const effectId = step.state.nextEffectId++;
  // Its own key comes first: V8 of Node 20 takes a microsecond to add one to a copy, and gives each such object a shape of its own.
  step.effects.push({ effectId, ...effect } as Effect);
  return effectId;
}

/** Asks the shell for what a kind wants for its job. @returns the id of the effect */
export function emitWork<W extends Own>(step: Step, { kind, stored }: Job, work: W): number {
  return emit(step, { type: "work", kind, jobId: stored.jobId, work });
}

/** As emitWork, for work of the numerics pool: counted until its outcome is back, for back-pressure. */
export function emitNumerics<W extends Own>(step: Step, job: Job, work: W): number {
  const effectId = emitWork(step, job, work);
  step.state.numericsPending.set(effectId, partyOf(job));
  return effectId;
}

/** Puts an event in line for the machine of a job. */
export function tell<E extends Own>(step: Step, job: Job, event: E): void {
  step.told.push({ job, event });
}

export function setTimer(step: Step, atMs: number, purpose: TimerPurpose): number {
  const timerId = step.state.nextTimerId++;
  step.state.timers.set(timerId, purpose);
  emit(step, { type: "setTimer", timerId, atMs });
  return timerId;
}

export function setJobTimer<P extends Own>(step: Step, { stored }: Job, atMs: number, purpose: P): number {
  return setTimer(step, atMs, { kind: "job", jobId: stored.jobId, purpose });
}

export function clearTimer(step: Step, timerId: number | null): void {
  if (timerId === null || !step.state.timers.delete(timerId)) return;
  emit(step, { type: "clearTimer", timerId });
}
