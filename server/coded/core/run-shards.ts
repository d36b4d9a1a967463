/** Who holds which shards: the first placement, volunteers that join, return or leave (GR10, GR13, GR14). */
import { TAB_SHARD_CACHE_BYTES_MAX } from "../../../shared/protocol/limits.ts";
import { must } from "../../coordinator/assert.ts";
import { type RunPlan, thresholdOf } from "./run-plan.ts";
import { FAILURES_IN_ROW_MAX, SHARD_SURPLUS_MAX, SHARDS_TIMES_AVERAGE_MAX } from "./run-settings.ts";
import {
  emitRunEffect,
  type RunCode,
  type RunShard,
  type RunState,
  type RunStep,
  type RunVolunteer,
} from "./run-state.ts";

/** May this volunteer be given work of this job? T-private shards go to invited volunteers alone. */
export function mayTakePart(plan: RunPlan, volunteer: RunVolunteer | undefined): boolean {
  return (
    volunteer?.isPresent === true &&
    !volunteer.isLiar &&
    volunteer.failuresInRow < FAILURES_IN_ROW_MAX &&
    (plan.maskCount === 0 || volunteer.isInvited)
  );
}

export function holderOf(state: RunState, shard: RunShard): RunVolunteer | undefined {
  return shard.volunteerId === null ? undefined : state.volunteers.get(shard.volunteerId);
}

/** As holderOf, of a shard that is at work or on its way. */
export function holderAtWork(state: RunState, shard: RunShard): RunVolunteer {
  return must(holderOf(state, shard), `GR13: shard ${shard.shardIndex} is at work, so it is somebody's`);
}

function shardAt({ shards, generation }: RunCode, shardIndex: number): RunShard {
  return must(
    shards[shardIndex],
    `GR13: generation ${generation} has a shard for each of its points, ${shardIndex} is none`,
  );
}

/** Shards whose volunteers are here and in good standing, in the given states. */
function shardsIn(state: RunState, code: RunCode, states: readonly RunShard["state"][]): RunShard[] {
  return code.shards.filter((shard) => states.includes(shard.state) && mayTakePart(state.plan, holderOf(state, shard)));
}

/** Shards that can be asked now. */
export function activeShards(state: RunState, code: RunCode): RunShard[] {
  return shardsIn(state, code, ["held"]);
}

/** Shards that can be asked now or will be, once they are encoded and fetched. */
export function expectedShards(state: RunState, code: RunCode): RunShard[] {
  return shardsIn(state, code, ["encoding", "encoded", "sent", "held"]);
}

/** Volunteers that may work and hold nothing of this code, the fastest first. */
export function freeVolunteers(state: RunState, code: RunCode | null): RunVolunteer[] {
  const holders = new Set(code?.shards.map(({ volunteerId }) => volunteerId));
  return bySpeed(
    [...state.volunteers.values()].filter((v) => mayTakePart(state.plan, v) && !holders.has(v.volunteerId)),
  );
}

/** Prompt ones first, then the fastest; ties by name, so that replays agree. */
export function bySpeed(volunteers: RunVolunteer[]): RunVolunteer[] {
  return volunteers.sort(
    (a, b) =>
      Number(a.pace.isSlow) - Number(b.pace.isSlow) || b.speed - a.speed || (a.volunteerId < b.volunteerId ? -1 : 1),
  );
}

/**
 * [GR13] How many shards of a code of so many blocks one volunteer holds at most: the average g always, more as far as its tab has room.
 * @param codedBytes as RunSettings has them
 */
export function shardsEachMax({ shardsPerVolunteer }: RunPlan, codedBytes: number, blockCount: number): number {
  if (shardsPerVolunteer === 1) return 1;
  // While one code follows another a tab holds shards of both.
  const fitting = Math.floor((TAB_SHARD_CACHE_BYTES_MAX * blockCount) / (2 * codedBytes));
  return Math.max(shardsPerVolunteer, Math.min(SHARDS_TIMES_AVERAGE_MAX * shardsPerVolunteer, fitting));
}

/**
 * Shares `shardCount` small shards out in proportion to speed, by largest remainders; everybody gets at least one and at most
 * `most`, so that no single volunteer is worth too much of the code's budget.
 * @returns how many each gets; their sum is shardCount, or less where everybody is full
 * @example shareOut([1, 1, 2], 12, 16) // -> [3, 3, 6]
 */
export function shareOut(speeds: readonly number[], shardCount: number, most: number): number[] {
  const total = speeds.reduce((sum, speed) => sum + speed, 0);
  const shares = speeds.map((speed) => {
    const ideal = total > 0 ? (shardCount * speed) / total : shardCount / speeds.length;
    return { ideal, count: Math.min(most, Math.max(1, Math.floor(ideal))) };
  });
  let left = shardCount - shares.reduce((sum, { count }) => sum + count, 0);
  for (; left > 0; left--) {
    const next = largest(shares, ({ ideal, count }) => (count < most ? ideal - count : Number.NEGATIVE_INFINITY));
    if (next === null || next.count >= most) break;
    next.count++;
  }
  // The least of one may have given out too many: they come back from whoever is furthest above its share.
  for (; left < 0; left++) {
    const next = largest(shares, ({ ideal, count }) => (count > 1 ? count - ideal : Number.NEGATIVE_INFINITY));
    if (next === null || next.count <= 1) break;
    next.count--;
  }
  return shares.map(({ count }) => count);
}

/** As many shards as shareOut says, for each of the volunteers whose speeds it was told. */
export function holdingsOf(
  volunteers: readonly RunVolunteer[],
  counts: readonly number[],
): { readonly volunteerId: string; readonly count: number }[] {
  return volunteers.map(({ volunteerId }, i) => {
    return { volunteerId, count: must(counts[i], "GR13: everybody who shares a code has a count") };
  });
}

/** Begins a code and asks for its shards; who holds how many is given in the order of evaluation points. */
export function beginCode(
  step: RunStep,
  blockCount: number,
  holdings: readonly { readonly volunteerId: string | null; readonly count: number }[],
): RunCode {
  const { state } = step;
  const code: RunCode = {
    generation: state.nextGeneration++,
    blockCount,
    maskCount: state.plan.maskCount,
    shards: [],
    encoding: new Map(),
  };
  const added = holdings.flatMap(({ volunteerId, count }) =>
    Array.from({ length: count }, () => addShard(state, code, volunteerId)),
  );
  encode(step, code, added);
  return code;
}

/** A volunteer that joins: spare shards first, then the next unused evaluation points. Nobody else's move. */
export function giveShards(step: RunStep, code: RunCode, volunteer: RunVolunteer, count: number): void {
  const spares = code.shards.filter(({ volunteerId }) => volunteerId === null).slice(0, count);
  for (const spare of spares) {
    spare.volunteerId = volunteer.volunteerId;
    volunteer.pointsIssued++;
    if (spare.state === "encoded") send(step, code, spare);
  }
  const fresh = Array.from({ length: count - spares.length }, () => addShard(step.state, code, volunteer.volunteerId));
  if (fresh.length > 0) encode(step, code, fresh);
}

/** A volunteer that left comes back: the same shards, never others. What it kept it need not fetch again. */
export function returnShards(step: RunStep, code: RunCode, volunteerId: string): void {
  for (const shard of code.shards) {
    if (shard.volunteerId === volunteerId && (shard.state === "sent" || shard.state === "held"))
      send(step, code, shard);
  }
}

/**
 * Copies of blocks of volunteers that are gone go, as they are, to whoever is free; in schemes whose
 * code does not adapt somebody free gets a fresh point for each shard that is short.
 */
export function replaceLost(step: RunStep, code: RunCode): void {
  const { state } = step;
  const { plan } = state;
  if (plan.isDynamic) return;
  const free = freeVolunteers(state, code);
  if (plan.holdsCopies) {
    for (const shard of code.shards) {
      if (mayTakePart(plan, holderOf(state, shard))) continue;
      const next = free.shift();
      if (next === undefined) return;
      shard.volunteerId = next.volunteerId;
      next.pointsIssued++;
      if (shard.state !== "encoding") send(step, code, shard);
    }
    return;
  }
  for (let short = plan.shardCount - expectedShards(state, code).length; short > 0; ) {
    const next = free.shift();
    if (next === undefined) return;
    const count = Math.min(short, plan.shardsPerVolunteer);
    giveShards(step, code, next, count);
    short -= count;
  }
}

/** With a dynamic code everybody who joins gets shards, until there are SHARD_SURPLUS_MAX times those of the plan. */
export function giveToJoiners(step: RunStep, code: RunCode): void {
  const { state } = step;
  if (!state.plan.isDynamic) return;
  for (const volunteer of freeVolunteers(state, code)) {
    const room = SHARD_SURPLUS_MAX * state.plan.shardCount - expectedShards(state, code).length;
    if (room <= 0) return;
    giveShards(step, code, volunteer, Math.min(room, shardsFor(state, code, volunteer)));
  }
}

/** In proportion to the speed of those who hold shards already. */
function shardsFor(state: RunState, code: RunCode, volunteer: RunVolunteer): number {
  const { shardsPerVolunteer } = state.plan;
  if (shardsPerVolunteer === 1) return 1;
  const speeds = expectedShards(state, code).map((shard) => holderAtWork(state, shard).speed);
  const mean = speeds.reduce((sum, speed) => sum + speed, 0) / Math.max(1, speeds.length);
  const ratio = mean > 0 ? volunteer.speed / mean : 1;
  return Math.min(
    shardsEachMax(state.plan, state.settings.codedBytes, code.blockCount),
    Math.max(1, Math.round(shardsPerVolunteer * ratio)),
  );
}

export function shardsEncoded(step: RunStep, code: RunCode, effectId: number): void {
  const indices = code.encoding.get(effectId);
  if (indices === undefined) return;
  code.encoding.delete(effectId);
  for (const index of indices) {
    const shard = shardAt(code, index);
    shard.state = "encoded";
    if (shard.volunteerId !== null) send(step, code, shard);
  }
}

/** So many different results decode with this code, at least. */
export function leastResults(plan: RunPlan, code: RunCode): number {
  if (plan.holdsCopies) return code.blockCount * plan.votesNeeded;
  return thresholdOf(code.blockCount, code.maskCount) + 2 * plan.correctableShards;
}

function addShard(state: RunState, code: RunCode, volunteerId: string | null): RunShard {
  const shard: RunShard = { shardIndex: code.shards.length, volunteerId, state: "encoding" };
  code.shards.push(shard);
  const volunteer = volunteerId === null ? undefined : state.volunteers.get(volunteerId);
  if (volunteer !== undefined) volunteer.pointsIssued++;
  return shard;
}

function encode(step: RunStep, code: RunCode, shards: readonly RunShard[]): void {
  const { generation, blockCount, maskCount } = code;
  const shardIndices = shards.map(({ shardIndex }) => shardIndex);
  const effectId = emitRunEffect(step, {
    type: "encodeShards",
    code: { generation, blockCount, maskCount },
    shardIndices,
  });
  code.encoding.set(effectId, shardIndices);
}

function send(step: RunStep, code: RunCode, shard: RunShard): void {
  shard.state = "sent";
  emitRunEffect(step, {
    type: "sendShard",
    generation: code.generation,
    shardIndex: shard.shardIndex,
    volunteerId: must(shard.volunteerId, `GR13: shard ${shard.shardIndex} is sent to whom it was given`),
  });
}

/** @returns the first of those with the largest value; null of none */
function largest<T>(items: readonly T[], worth: (item: T) => number): T | null {
  let best: T | null = null;
  for (const item of items) if (best === null || worth(item) > worth(best)) best = item;
  return best;
}
