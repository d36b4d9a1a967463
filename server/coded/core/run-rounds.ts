/** One product of all shards: asked, checked result by result, decoded as soon as the code allows (GR4, GR5, GR6, GR15). */
import { must } from "../../coordinator/assert.ts";
import type { DecodeVerdict } from "./run-events.ts";
import { judgeLate, judgePaces } from "./run-pace.ts";
import { FAILURES_IN_ROW_MAX } from "./run-settings.ts";
import { activeShards, expectedShards, holderAtWork, leastResults, mayTakePart } from "./run-shards.ts";
import {
  type AskedProduct,
  emitRunEffect,
  type RunCode,
  type RunRound,
  type RunState,
  type RunStep,
  type RunVolunteer,
} from "./run-state.ts";

export function openProductRound(step: RunStep, code: RunCode): void {
  const { state } = step;
  const product = state.stage === "backward" ? "backward" : "forward";
  const roundId = state.nextRoundId++;
  const { iteration } = state;
  state.round = {
    roundId,
    generation: code.generation,
    product,
    phase: "broadcasting",
    effectId: emitRunEffect(step, { type: "broadcast", roundId, product, iteration }),
    asked: new Map(),
    verifying: new Map(),
    accepted: [],
    undecidedWith: 0,
  };
}

/** Asks every shard that is held and was not asked yet: at the start, and whoever comes in during the round. */
export function askShards(step: RunStep, round: RunRound, code: RunCode): void {
  const { state } = step;
  for (const shard of activeShards(state, code)) {
    const { shardIndex } = shard;
    const { volunteerId } = holderAtWork(state, shard);
    const before = round.asked.get(shardIndex);
    const isOpen = before === undefined || before.state === "void" || before.state === "failed";
    if (!isOpen || (before?.state === "failed" && before.volunteerId === volunteerId)) continue;
    round.asked.set(shardIndex, { shardIndex, volunteerId, sentMs: state.nowMs, answeredMs: null, state: "asked" });
    const { roundId, product, generation } = round;
    emitRunEffect(step, { type: "sendProduct", roundId, product, generation, shardIndex, volunteerId });
  }
}

export function productArrived(step: RunStep, roundId: number, shardIndex: number, volunteerId: string): void {
  const { state } = step;
  const { round, lastRound } = state;
  if (lastRound?.roundId === roundId) {
    const late = lastRound.asked.get(shardIndex);
    if (late?.volunteerId === volunteerId) judgeLate(state, volunteerId, late.sentMs, lastRound.medianMs);
    return;
  }
  const asked = round?.roundId === roundId ? round.asked.get(shardIndex) : undefined;
  if (round === null || asked === undefined || asked.volunteerId !== volunteerId || asked.state !== "asked") return;
  asked.answeredMs = state.nowMs;
  if (!state.plan.isVerified) {
    accept(state, round, asked);
    return;
  }
  asked.state = "verifying";
  const { product, generation } = round;
  round.verifying.set(
    emitRunEffect(step, { type: "verify", roundId, product, generation, shardIndex, volunteerId }),
    shardIndex,
  );
}

/** No answer of the right shape: nothing is known of its honesty, so it is not named; after some in a row it is left out. */
export function resultFailed(step: RunStep, roundId: number, shardIndex: number, volunteerId: string): void {
  const { round, volunteers } = step.state;
  const asked = round?.roundId === roundId ? round.asked.get(shardIndex) : undefined;
  if (asked === undefined || asked.volunteerId !== volunteerId || asked.state !== "asked") return;
  asked.state = "failed";
  const volunteer = volunteerOf(volunteers, volunteerId);
  if (++volunteer.failuresInRow >= FAILURES_IN_ROW_MAX) voidProducts(step.state, volunteerId);
}

export function verified(step: RunStep, effectId: number, isRight: boolean): void {
  const { state } = step;
  const { round } = state;
  const shardIndex = round?.verifying.get(effectId);
  if (round === null || shardIndex === undefined) return;
  round.verifying.delete(effectId);
  const asked = askedIn(round, shardIndex);
  if (asked.state !== "verifying") return;
  if (isRight) accept(state, round, asked);
  else reject(step, round, asked);
}

/** The first wrong result names its volunteer; what of it is not verified yet counts no more, what was verified is right. */
function reject(step: RunStep, round: RunRound, asked: AskedProduct): void {
  const { state } = step;
  const { volunteerId, shardIndex } = asked;
  const { roundId } = round;
  asked.state = "rejected";
  volunteerOf(state.volunteers, volunteerId).isLiar = true;
  state.liars.push({ volunteerId, iteration: state.iteration, roundId, shardIndex });
  voidProducts(state, volunteerId);
  emitRunEffect(step, { type: "nameLiar", volunteerId, roundId, shardIndex });
}

/** Its volunteer left, lied or fails: what it had not answered will not be used. Accepted results stay. */
export function voidProducts(state: RunState, volunteerId: string): void {
  for (const asked of state.round?.asked.values() ?? []) {
    if (asked.volunteerId === volunteerId && (asked.state === "asked" || asked.state === "verifying")) {
      asked.state = "void";
    }
  }
}

function accept(state: RunState, round: RunRound, asked: AskedProduct): void {
  asked.state = "accepted";
  round.accepted.push(asked.shardIndex);
  const volunteer = volunteerOf(state.volunteers, asked.volunteerId);
  volunteer.failuresInRow = 0;
  volunteer.acceptedResults++;
}

/**
 * Are the accepted results enough?
 *   freivalds     the first (K+T-1) deg + 1 verified ones
 *   reed-solomon  all but those of S volunteers, and two for each error that it may have to correct
 *   votes         M+1 of each block, and more where these did not agree
 *   none          all
 */
export function isDecodable(state: RunState, round: RunRound, code: RunCode): boolean {
  const { plan } = state;
  if (round.accepted.length <= round.undecidedWith) return false;
  if (plan.holdsCopies) {
    return votesOf(code, round.accepted).every((count) => count >= plan.votesNeeded);
  }
  const least = leastResults(plan, code);
  if (plan.verification !== "reed-solomon") return round.accepted.length >= least;
  const quickest = activeShards(state, code).length - plan.parameters.stragglers * plan.shardsPerVolunteer;
  return round.accepted.length >= Math.max(least, quickest);
}

/** How many of these shards are copies of each block. */
function votesOf({ blockCount }: RunCode, shardIndices: Iterable<number>): number[] {
  const votes = Array.from({ length: blockCount }, () => 0);
  for (const shardIndex of shardIndices) votes[shardIndex % blockCount] = (votes[shardIndex % blockCount] ?? 0) + 1;
  return votes;
}

function askedIn({ asked, roundId }: RunRound, shardIndex: number): AskedProduct {
  return must(asked.get(shardIndex), `GR4: shard ${shardIndex} was asked in round ${roundId}`);
}

function volunteerOf(volunteers: RunState["volunteers"], volunteerId: string): RunVolunteer {
  return must(volunteers.get(volunteerId), `GR6: who answers a product is known, ${volunteerId} is not`);
}

/** Can the round still end with those who are asked, or are on their way? */
export function isStarved(state: RunState, round: RunRound, code: RunCode): boolean {
  const { plan } = state;
  const open = new Set(round.accepted);
  for (const asked of round.asked.values()) {
    if (asked.state === "asked" || asked.state === "verifying") open.add(asked.shardIndex);
  }
  for (const { shardIndex } of expectedShards(state, code)) if (!round.asked.has(shardIndex)) open.add(shardIndex);
  if (plan.holdsCopies) {
    return votesOf(code, open).some((count) => count < plan.votesNeeded);
  }
  return open.size < leastResults(plan, code);
}

export function decode(step: RunStep, round: RunRound, code: RunCode): void {
  const { state } = step;
  const isExactCount = state.plan.isVerified;
  const shardIndices = isExactCount ? round.accepted.slice(0, leastResults(state.plan, code)) : [...round.accepted];
  round.phase = "decoding";
  sendToDecoder(step, round, shardIndices, false);
}

function sendToDecoder(step: RunStep, round: RunRound, shardIndices: number[], believes: boolean): void {
  const { roundId, product, generation } = round;
  const volunteerIds = volunteersOf(round, shardIndices);
  round.effectId = emitRunEffect(step, {
    type: "decode",
    roundId,
    product,
    generation,
    shardIndices,
    volunteerIds,
    believes,
  });
}

function volunteersOf(round: RunRound, shardIndices: readonly number[]): string[] {
  return shardIndices.map((shardIndex) => askedIn(round, shardIndex).volunteerId);
}

/** @returns whether the product is there */
export function productsDecoded(step: RunStep, round: RunRound, verdict: DecodeVerdict): boolean {
  const { state } = step;
  const { roundId } = round;
  switch (verdict.kind) {
    case "undecided":
      round.undecidedWith = round.accepted.length;
      round.phase = "gathering";
      return false;
    case "undecodable": {
      // LCC has no other means: it goes on with what it has, and says so (GR19).
      state.undecodedRounds++;
      sendToDecoder(step, round, [...round.accepted], true);
      return false;
    }
    case "decoded":
      state.correctedResults += verdict.wrongShards.length;
      state.lastRound = { roundId, medianMs: judgePaces(state, round.asked), asked: round.asked };
      emitRunEffect(step, { type: "endRound", roundId });
      state.round = null;
      return true;
  }
}

/** The round's code is no longer the active one: the same product is asked anew with the new one. */
export function abandonRound(step: RunStep, round: RunRound): void {
  emitRunEffect(step, { type: "endRound", roundId: round.roundId });
  step.state.round = null;
}

/** What stands in the way, for whoever waits: how many more volunteers this code asks for. */
export function missingVolunteers(state: RunState, code: RunCode): string {
  const { plan } = state;
  const short = leastResults(plan, code) - expectedShards(state, code).length;
  const more = Math.max(1, Math.ceil(short / plan.shardsPerVolunteer));
  const plural = more === 1 ? "" : "s";
  const present = [...state.volunteers.values()].filter((volunteer) => mayTakePart(plan, volunteer)).length;
  return `${more} more volunteer${plural}: ${plan.scheme} with ${code.blockCount} blocks has ${present} at work`;
}
