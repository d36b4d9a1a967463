/**
 * A coded run's decisions, all of them: stepRun(state, event) -> effects. Pure: no clock, no arrays, no secrets; the
 * same events give the same effects. CODED.md has the rules by name.
 *
 * An iteration is two rounds of the crowd and two steps of the master:
 *   forward Z = X W, link (predictions, loss, residuals R), backward G = X^T R, update of W.
 */
import { smallerCodeWords } from "../../../shared/coding/smaller-code.ts";
import { must } from "../../coordinator/assert.ts";
import { adaptCode, promoteComing, smallBlockCount } from "./run-adapt.ts";
import type { RunEffect } from "./run-effects.ts";
import { divergence, finish, finishWith, finishWithBest, keepBest, stopReason, weightsRestored } from "./run-ends.ts";
import type { RunEvent } from "./run-events.ts";
import { type RunPlan, volunteersNeeded } from "./run-plan.ts";
import {
  abandonRound,
  askShards,
  decode,
  isDecodable,
  isStarved,
  missingVolunteers,
  openProductRound,
  productArrived,
  productsDecoded,
  resultFailed,
  verified,
  voidProducts,
} from "./run-rounds.ts";
import { FAILURES_IN_ROW_MAX, RETURN_GRACE_MS, SMALL_CROWD_MS } from "./run-settings.ts";
import {
  activeShards,
  beginCode,
  expectedShards,
  freeVolunteers,
  giveToJoiners,
  holdingsOf,
  leastResults,
  replaceLost,
  returnShards,
  shardsEachMax,
  shardsEncoded,
  shareOut,
} from "./run-shards.ts";
import { emitRunEffect, newPace, type RunCode, type RunState, type RunStep } from "./run-state.ts";

/** Asks for the data to be prepared; called once, before any event. */
export function startRun(state: RunState): readonly RunEffect[] {
  const step: RunStep = { state, effects: [] };
  state.masterEffectId = emitRunEffect(step, { type: "prepare", weightsOf: state.resumedFrom });
  return step.effects;
}

/** Changes the state by one event. @returns what is to be done, in order */
export function stepRun(state: RunState, event: RunEvent): readonly RunEffect[] {
  const step: RunStep = { state, effects: [] };
  state.nowMs = Math.max(state.nowMs, event.atMs);
  if (state.phase === "ended") return step.effects;
  apply(step, event);
  settle(step);
  return step.effects;
}

function apply(step: RunStep, event: RunEvent): void {
  const { state } = step;
  switch (event.type) {
    case "volunteerJoined":
      return joined(step, event.volunteerId, event.speed, event.isInvited);
    case "volunteerLeft":
      return left(step, event.volunteerId);
    case "speedMeasured": {
      const volunteer = state.volunteers.get(event.volunteerId);
      if (volunteer !== undefined) volunteer.speed = event.speed;
      return;
    }
    case "woken":
      return;
    case "shardHeld":
      return shardHeld(state, event.generation, event.shardIndex, event.volunteerId);
    case "shardRefused": {
      const volunteer = state.volunteers.get(event.volunteerId);
      if (volunteer !== undefined) volunteer.failuresInRow = FAILURES_IN_ROW_MAX;
      voidProducts(state, event.volunteerId);
      return;
    }
    case "encoded":
      for (const code of [state.active, state.coming]) {
        if (code !== null) shardsEncoded(step, code, event.effectId);
      }
      return;
    case "broadcastReady":
      if (state.round?.phase === "broadcasting" && state.round.effectId === event.effectId) {
        state.round.phase = "gathering";
      }
      return;
    case "resultArrived":
      return productArrived(step, event.roundId, event.shardIndex, event.volunteerId);
    case "resultFailed":
      return resultFailed(step, event.roundId, event.shardIndex, event.volunteerId);
    case "verified":
      return verified(step, event.effectId, event.isRight);
    case "decoded":
      if (state.round?.phase === "decoding" && state.round.effectId === event.effectId) {
        if (productsDecoded(step, state.round, event.verdict)) productDecoded(step);
      }
      return;
    case "prepared":
      if (takeMasterEffect(state, event.effectId)) state.phase = "waiting";
      return;
    case "linked":
      if (takeMasterEffect(state, event.effectId)) linked(step, event.loss, event.accuracy ?? null);
      return;
    case "updated":
      if (takeMasterEffect(state, event.effectId)) updated(step, event);
      return;
    case "restored":
      if (takeMasterEffect(state, event.effectId) && state.ending !== null) weightsRestored(step, state.ending);
      return;
    case "effectFailed":
      return effectFailed(step, event.effectId, event.message);
    case "stopRequested":
      state.stopRequested = true;
      // Whole weights are there unless the master is at them just now: then the stop follows at once.
      if (state.phase === "running" && state.masterEffectId === null) stopNow(step);
      return;
    case "cancelled":
      return finishWith(step, { kind: "cancelled", reason: "on request", weightsOf: null });
  }
}

/** Whatever the event changed: the job goes as far as it can without another one. */
function settle(step: RunStep): void {
  const { state } = step;
  if (state.phase === "waiting") beginWithCrowd(step);
  const { active } = state;
  if (active !== null && state.phase !== "ended") {
    replaceLost(step, active);
    giveToJoiners(step, active);
    if (state.phase === "placing") settlePlacing(state, active);
  }
  if (state.phase === "running") settleRound(step);
}

/** The first round begins when enough volunteers hold their shards to end it; the others come in as they are ready. */
function settlePlacing(state: RunState, active: RunCode): void {
  const least = leastResults(state.plan, active);
  if (activeShards(state, active).length >= least) state.phase = "running";
  state.waitingFor = expectedShards(state, active).length < least ? missingVolunteers(state, active) : null;
}

function settleRound(step: RunStep): void {
  const { state } = step;
  if (state.masterEffectId !== null) return;
  if (state.round === null) {
    promoteComing(step, false);
    return openProductRound(step, activeCode(state));
  }
  const { round } = state;
  if (round.phase !== "gathering") return;
  const active = activeCode(state);
  askShards(step, round, active);
  if (isDecodable(state, round, active)) return decode(step, round, active);
  if (!isStarved(state, round, active)) {
    state.waitingFor = null;
    return;
  }
  adaptCode(step, false);
  state.waitingFor = state.coming === null ? missingVolunteers(state, activeCode(state)) : null;
  if (promoteComing(step, true)) {
    abandonRound(step, round);
    openProductRound(step, activeCode(state));
  }
}

function activeCode({ active }: RunState): RunCode {
  return must(active, "GR11: rounds are made with the active code");
}

/** The first code, once as many volunteers are here as it counts on (GR14). */
function beginWithCrowd(step: RunStep): void {
  const { state } = step;
  const { plan } = state;
  const free = freeVolunteers(state, null);
  const missing = plan.volunteerCount - free.length;
  if (missing > 0 && !mayBeginSmall(step, free.length)) {
    const more = `${missing} more ${plan.maskCount > 0 ? "invited volunteer" : "tab"}${missing === 1 ? "" : "s"}`;
    const here = `${free.length} ${free.length === 1 ? "is" : "are"} here`;
    const blockCount = smallBlockCount(plan, free.length);
    const begins = `; within ${SMALL_CROWD_MS / 1000} s it begins with these, and K = ${(blockCount ?? 0) / plan.shardsPerVolunteer}`;
    const way = blockCount === null ? smallerWords(plan, free.length) : begins;
    state.waitingFor = `${more}: ${plan.scheme} needs ${plan.volunteerCount}, ${here}${way}`;
    return;
  }
  const blockCount = missing > 0 ? smallBlockCount(plan, free.length)! : plan.blockCount;
  const chosen = free.slice(0, plan.volunteerCount);
  const speeds = chosen.map(({ speed }) => speed);
  const counts =
    plan.verification === "votes"
      ? chosen.map(() => plan.shardsPerVolunteer)
      : shareOut(
          speeds,
          Math.min(plan.shardCount, chosen.length * plan.shardsPerVolunteer),
          shardsEachMax(plan, state.settings.codedBytes, blockCount),
        );
  const spares = plan.isDynamic ? [{ volunteerId: null, count: state.settings.spareShards }] : [];
  state.waitingFor = null;
  state.active = beginCode(step, blockCount, [...holdingsOf(chosen, counts), ...spares]);
  state.phase = "placing";
  if (missing <= 0) return;
  const { iteration, active } = state;
  const reason = `${chosen.length} volunteers came, ${plan.volunteerCount} were needed`;
  state.codeChanges.push({ iteration, generation: active.generation, blockCount, reason });
}

/** [GR14] Of masked data it is those who were invited that are missing, whatever the code. */
function smallerWords({ parameters }: RunPlan, here: number): string {
  if (parameters.colluders > 0) return "";
  return smallerCodeWords("--data-volunteers", parameters.dataVolunteers, here, (dataVolunteers) =>
    volunteersNeeded({ ...parameters, dataVolunteers, stragglers: 0, liars: 0 }),
  );
}

/** [GR23] Those who are here have waited long enough for others. */
function mayBeginSmall(step: RunStep, volunteers: number): boolean {
  const { state } = step;
  if (smallBlockCount(state.plan, volunteers) === null) {
    state.beginsSmallMs = null;
    return false;
  }
  state.beginsSmallMs ??= state.nowMs + SMALL_CROWD_MS;
  if (state.nowMs >= state.beginsSmallMs) return true;
  // A run has one timer, and whoever left meanwhile has set it anew.
  emitRunEffect(step, { type: "wakeAt", wakeMs: state.beginsSmallMs });
  return false;
}

function joined(step: RunStep, volunteerId: string, speed: number, isInvited: boolean): void {
  const { state } = step;
  const known = state.volunteers.get(volunteerId);
  if (known === undefined) {
    const counts = { failuresInRow: 0, pointsIssued: 0, acceptedResults: 0 };
    const standing = { isPresent: true, leftMs: 0, isLiar: false, pace: newPace() };
    state.volunteers.set(volunteerId, { volunteerId, speed, isInvited, ...standing, ...counts });
    return;
  }
  if (known.isPresent) return;
  Object.assign(known, { isPresent: true, speed, isInvited, failuresInRow: 0 });
  if (known.isLiar) return;
  for (const code of [state.active, state.coming]) if (code !== null) returnShards(step, code, volunteerId);
}

function left(step: RunStep, volunteerId: string): void {
  const { state } = step;
  const volunteer = state.volunteers.get(volunteerId);
  if (volunteer?.isPresent !== true) return;
  volunteer.isPresent = false;
  volunteer.leftMs = state.nowMs;
  emitRunEffect(step, { type: "wakeAt", wakeMs: state.nowMs + RETURN_GRACE_MS });
  voidProducts(state, volunteerId);
}

function shardHeld(state: RunState, generation: number, shardIndex: number, volunteerId: string): void {
  const code = [state.active, state.coming].find((candidate) => candidate?.generation === generation);
  const shard = code?.shards[shardIndex];
  if (shard?.state === "sent" && shard.volunteerId === volunteerId) shard.state = "held";
}

function productDecoded(step: RunStep): void {
  const { state } = step;
  const { iteration } = state;
  if (state.stage === "forward") {
    state.stage = "linking";
    state.masterEffectId = emitRunEffect(step, { type: "link", iteration });
  } else {
    state.stage = "updating";
    state.masterEffectId = emitRunEffect(step, { type: "update", iteration });
  }
}

function linked(step: RunStep, loss: number, accuracy: number | null): void {
  const { state } = step;
  if (state.settings.isForwardOnly) return sliceDone(step);
  const reason = divergence(state, loss);
  const { iteration, nowMs: atMs } = state;
  state.history.push({ iteration, loss, accuracy, validationLoss: null, validationAccuracy: null, atMs });
  if (reason !== null) return finishWithBest(step, "diverged", reason);
  // Without held-out rows the training loss says which weights are the best.
  if (!state.history.some(({ validationLoss }) => validationLoss !== null)) keepBest(step, state.iteration, loss);
  state.stage = "backward";
  if (state.stopRequested) stopNow(step);
}

/** GR22: a slice is in; a matrix job has no loss, nothing that diverges, and no best. */
function sliceDone(step: RunStep): void {
  const { state } = step;
  const { iteration, nowMs: atMs } = state;
  const nothing = { accuracy: null, validationLoss: null, validationAccuracy: null };
  state.history.push({ iteration, loss: 0, ...nothing, atMs });
  state.iteration++;
  const stop = stopReason(state);
  if (stop !== null) return finish(step, stop.kind, stop.reason);
  iterationEnded(step);
}

/** What was updated is made durable now and then, and the code follows the crowd. */
function iterationEnded(step: RunStep): void {
  const { state } = step;
  if (state.iteration % state.settings.checkpointEvery === 0) {
    emitRunEffect(step, { type: "checkpoint", iteration: state.iteration, reason: "periodic" });
  }
  adaptCode(step, true);
  state.stage = "forward";
}

function stopNow(step: RunStep): void {
  finish(step, "stopped", `on request, after ${step.state.iteration} iterations`);
}

function updated(step: RunStep, event: Extract<RunEvent, { type: "updated" }>): void {
  const { state } = step;
  const { validationLoss, validationAccuracy = null, distance, stop: nearEnough } = event;
  state.iteration++;
  const latest = must(state.history.at(-1), "GR15: weights are updated after their loss is known");
  if (distance !== undefined) latest.distance = distance;
  if (validationLoss !== null) {
    latest.validationLoss = validationLoss;
    latest.validationAccuracy = validationAccuracy;
    if (state.history.length === 1) state.best = null;
    keepBest(step, state.iteration, validationLoss);
  }
  if (nearEnough != null)
    return finish(
      step,
      "done",
      `${state.iteration === 1 ? "1 iteration" : `${state.iteration} iterations`}: ${nearEnough}`,
    );
  const stop = stopReason(state);
  if (stop !== null) return finish(step, stop.kind, stop.reason);
  iterationEnded(step);
}

function effectFailed(step: RunStep, effectId: number, message: string): void {
  const { state } = step;
  const { round } = state;
  const isAwaited =
    state.masterEffectId === effectId ||
    round?.effectId === effectId ||
    round?.verifying.has(effectId) === true ||
    [state.active, state.coming].some((code) => code?.encoding.has(effectId) === true);
  if (!isAwaited) return;
  finishWithBest(step, "failed", message);
}

function takeMasterEffect(state: RunState, effectId: number): boolean {
  if (state.masterEffectId !== effectId) return false;
  state.masterEffectId = null;
  return true;
}
