/** When a job stops: all iterations done, no better loss for a while, divergence, on request, or a failure (GR16, GR17, GR20). */
import { must } from "../../coordinator/assert.ts";
import type { CodedEndKind, RunEnd } from "./run-effects.ts";
import { DIVERGED_AT_ONCE_RATIO, DIVERGED_ITERATIONS, DIVERGED_LOSS_RATIO } from "./run-settings.ts";
import { emitRunEffect, type RunState, type RunStep } from "./run-state.ts";

/** What helps where each step goes too far. */
const REMEDY = "; submit it again with a smaller learning rate, or without one: then the rate is found by itself";
/** Smaller first losses count as this: a job may begin at its optimum. */
const LOSS_LEAST = 1e-12;

/**
 * Is the loss beyond hope? A first step that is too large may recover, so it must stay high for some iterations; what is not
 * finite, or a million times the first loss, does not come back.
 * @returns the reason, or null
 */
export function divergence(state: RunState, loss: number): string | null {
  if (!Number.isFinite(loss)) return `the loss is ${loss} after ${state.iteration} iterations${REMEDY}`;
  const first = Math.max(LOSS_LEAST, state.history[0]?.loss ?? loss);
  const isHigh = loss > DIVERGED_LOSS_RATIO * first;
  state.divergingIterations = isHigh ? state.divergingIterations + 1 : 0;
  if (loss <= DIVERGED_AT_ONCE_RATIO * first && state.divergingIterations < DIVERGED_ITERATIONS) return null;
  const grew = `the loss grew from ${first.toPrecision(4)} to ${loss.toPrecision(4)} in ${state.iteration} iterations`;
  return `${grew}${REMEDY}`;
}

/** Keeps the best weights: these if their loss is better, by more than the least improvement. */
export function keepBest(step: RunStep, iteration: number, loss: number): void {
  const { state } = step;
  const isBetter = state.best === null || loss < state.best.loss * (1 - state.settings.improvementLeast);
  if (!isBetter) return;
  state.best = { iteration, loss };
  emitRunEffect(step, { type: "checkpoint", iteration, reason: "best" });
}

/** Why the job should stop after this iteration, or null. */
export function stopReason(state: RunState): { kind: CodedEndKind; reason: string } | null {
  const { iteration, settings, best } = state;
  // Rounds of forward products alone are slices of a matrix.
  const steps = settings.isForwardOnly ? (iteration === 1 ? "slice" : "slices") : "iterations";
  if (iteration >= settings.iterations) return { kind: "done", reason: `${iteration} ${steps}` };
  if (state.stopRequested) return { kind: "stopped", reason: `on request, after ${iteration} iterations` };
  if (settings.patience !== null && best !== null && iteration - best.iteration > settings.patience) {
    return { kind: "stopped", reason: `no better loss since iteration ${best.iteration}` };
  }
  return null;
}

/** Ends with the current weights. */
export function finish(step: RunStep, kind: CodedEndKind, reason: string): void {
  const { state } = step;
  const hasWeights = state.phase === "running";
  if (hasWeights) emitRunEffect(step, { type: "checkpoint", iteration: state.iteration, reason: "final" });
  finishWith(step, { kind, reason, weightsOf: hasWeights ? state.iteration : null });
}

/** Ends with the best weights that were kept, once they are back; without any at once. */
export function finishWithBest(step: RunStep, kind: CodedEndKind, reason: string): void {
  const { state } = step;
  const { best } = state;
  if (state.round !== null) emitRunEffect(step, { type: "endRound", roundId: state.round.roundId });
  state.round = null;
  if (best === null || state.ending !== null) {
    finishWith(step, { kind, reason, weightsOf: null });
    return;
  }
  state.ending = { kind, reason, weightsOf: best.iteration };
  state.stage = "restoring";
  state.masterEffectId = emitRunEffect(step, { type: "restoreWeights", iteration: best.iteration });
}

export function weightsRestored(step: RunStep, ending: RunEnd): void {
  const iteration = must(ending.weightsOf, "GR18: weights that are back are those of an iteration");
  emitRunEffect(step, { type: "checkpoint", iteration, reason: "final" });
  finishWith(step, ending);
}

export function finishWith(step: RunStep, end: RunEnd): void {
  const { state } = step;
  if (state.end !== null) return;
  if (state.round !== null) emitRunEffect(step, { type: "endRound", roundId: state.round.roundId });
  for (const code of [state.active, state.coming]) {
    if (code !== null) emitRunEffect(step, { type: "releaseCode", generation: code.generation });
  }
  Object.assign(state, { phase: "ended", end, round: null, active: null, coming: null, waitingFor: null });
  emitRunEffect(step, { type: "finish", end });
}
