/**
 * Dynamic coding (Tang et al., arXiv 2107.12958, section 5): the code follows the crowd. After an iteration
 *
 *     slack = N_t - M_t - S_t - ((K_t + T - 1) deg + 1)
 *
 * with N_t shards at work, M_t of caught liars (who are dropped, so that N_{t+1} = N_t - M_t), S_t of stragglers.
 *   slack >= 0   keep K: what is left suffices.
 *   slack < 0    spare shards and volunteers that hold nothing yet first; what is still short is taken from K:
 *                K_{t+1} = K_t + floor(slack / deg), at least 1, and everybody gets shards of the new code.
 *   slack larger than the plan's S + M for some iterations, K below the plan's: K grows again.
 * The active code goes on until the new one is placed (GR11).
 */
import { PRODUCT_DEGREE, type RunPlan, thresholdOf } from "./run-plan.ts";
import { GROW_AFTER_ITERATIONS, RETURN_GRACE_MS } from "./run-settings.ts";
import {
  activeShards,
  beginCode,
  bySpeed,
  expectedShards,
  freeVolunteers,
  giveShards,
  holderAtWork,
  holderOf,
  holdingsOf,
  mayTakePart,
  shardsEachMax,
  shareOut,
} from "./run-shards.ts";
import { emitRunEffect, type RunCode, type RunState, type RunStep } from "./run-state.ts";

/** Of the shards that are at work or on their way: those of liars and of the departed are gone already. */
export function slackOf(state: RunState, code: RunCode): number {
  const shards = expectedShards(state, code);
  const slow = shards.filter((shard) => holderAtWork(state, shard).pace.isSlow);
  return shards.length - slow.length - thresholdOf(code.blockCount, code.maskCount);
}

/** K for the next code. floor rounds down, of a negative too. */
export function nextBlockCount(blockCount: number, slack: number): number {
  return Math.max(1, blockCount + Math.floor(slack / PRODUCT_DEGREE));
}

/**
 * [GR23] The blocks of a first code for fewer volunteers than the plan's: S and M stay, K is what is left.
 * @returns null: they are too few, or the code does not follow the crowd
 */
export function smallBlockCount(plan: RunPlan, volunteers: number): number | null {
  const dataVolunteers = volunteers - plan.parameters.stragglers - plan.parameters.liars;
  // Masked data goes to those who were invited: the others may still come.
  const follows = plan.isDynamic && plan.maskCount === 0;
  return follows && dataVolunteers >= 1 ? dataVolunteers * plan.shardsPerVolunteer : null;
}

/** After an iteration, or when a round cannot end any more with those who are left. */
export function adaptCode(step: RunStep, isIterationEnd: boolean): void {
  const { state } = step;
  if (!state.plan.isDynamic || state.active === null) return;
  if (state.coming !== null) return reconsiderComing(step, state.coming);
  const { active } = state;
  if (slackOf(state, active) < 0) useFreeVolunteers(step, active);
  const slack = slackOf(state, active) + returningShards(state, active);
  if (slack < 0) {
    state.roomyIterations = 0;
    const blockCount = nextBlockCount(active.blockCount, slack);
    if (blockCount < active.blockCount) recode(step, blockCount, `${-slack} shards short`);
  } else if (isIterationEnd) {
    growIfRoomy(step, active, slack);
  }
}

/** Of volunteers that left a moment ago and may be reloading: data does not move because of them yet. */
function returningShards(state: RunState, code: RunCode): number {
  return code.shards.filter((shard) => {
    const holder = holderOf(state, shard);
    return holder !== undefined && !holder.isPresent && !holder.isLiar && state.nowMs - holder.leftMs < RETURN_GRACE_MS;
  }).length;
}

function useFreeVolunteers(step: RunStep, code: RunCode): void {
  for (const volunteer of freeVolunteers(step.state, code)) {
    const short = -slackOf(step.state, code);
    if (short <= 0) return;
    if (volunteer.pace.isSlow) continue;
    giveShards(step, code, volunteer, Math.min(short, step.state.plan.shardsPerVolunteer));
  }
}

function growIfRoomy(step: RunStep, code: RunCode, slack: number): void {
  const { state } = step;
  const { plan } = state;
  const kept = (plan.parameters.stragglers + plan.parameters.liars) * plan.shardsPerVolunteer;
  const isRoomy = slack > kept && code.blockCount < plan.blockCount;
  state.roomyIterations = isRoomy ? state.roomyIterations + 1 : 0;
  if (state.roomyIterations < GROW_AFTER_ITERATIONS) return;
  state.roomyIterations = 0;
  recode(step, Math.min(plan.blockCount, code.blockCount + slack - kept), `${slack} shards to spare`);
}

/** Everybody who may work gets shards of a new code, prompt volunteers the plain blocks. */
function recode(step: RunStep, blockCount: number, reason: string): void {
  const { state } = step;
  const { plan } = state;
  const volunteers = bySpeed([...state.volunteers.values()].filter((volunteer) => mayTakePart(plan, volunteer)));
  const shardCount = volunteers.length * plan.shardsPerVolunteer;
  if (shardCount < thresholdOf(blockCount, plan.maskCount)) return;
  const counts = shareOut(
    volunteers.map(({ speed }) => speed),
    shardCount,
    shardsEachMax(plan, state.settings.codedBytes, blockCount),
  );
  state.coming = beginCode(step, blockCount, holdingsOf(volunteers, counts));
  state.codeChanges.push({
    iteration: state.iteration,
    generation: state.coming.generation,
    blockCount,
    reason,
  });
}

/** A coming code that the crowd cannot carry either any more is given up, and another is looked for. */
function reconsiderComing(step: RunStep, coming: RunCode): void {
  const { state } = step;
  const reachable = expectedShards(state, coming).length >= thresholdOf(coming.blockCount, coming.maskCount);
  if (reachable) return;
  dropComing(step, coming);
  adaptCode(step, false);
}

/**
 * @param isStarved the active code's round cannot end with those who are left
 * @returns whether a coming code has just become the active one
 */
export function promoteComing(step: RunStep, isStarved: boolean): boolean {
  const { state } = step;
  const { active, coming } = state;
  if (coming === null || active === null) return false;
  const isShrinking = coming.blockCount < active.blockCount;
  if (isShrinking && !isStarved && slackOf(state, active) >= 0 && hasEnoughHeld(state, active, false)) {
    // Whoever was missed is back, or others took their places: nothing needs to move.
    dropComing(step, coming);
    return false;
  }
  if (!hasEnoughHeld(state, coming, isStarved)) return false;
  emitRunEffect(step, { type: "releaseCode", generation: active.generation });
  state.active = coming;
  state.coming = null;
  return true;
}

/** Enough volunteers hold their shards to decode, and, unless it is urgent, all those who are quick have fetched theirs. */
function hasEnoughHeld(state: RunState, code: RunCode, isUrgent: boolean): boolean {
  const held = activeShards(state, code);
  if (held.length < thresholdOf(code.blockCount, code.maskCount)) return false;
  if (isUrgent) return true;
  const quick = expectedShards(state, code).filter((shard) => !holderAtWork(state, shard).pace.isSlow);
  return quick.every(({ state: place }) => place === "held");
}

function dropComing(step: RunStep, coming: RunCode): void {
  step.state.coming = null;
  emitRunEffect(step, { type: "releaseCode", generation: coming.generation });
}
