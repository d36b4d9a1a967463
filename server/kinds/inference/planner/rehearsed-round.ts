/** A round of a rehearsal: who holds what of it, and what of it is still wanted. */
import { type InferencePlan, isRawWorker } from "../core/inference-plan.ts";

export interface Attempt {
  readonly tab: number;
  readonly slot: RehearsedSlot;
  readonly goldenRows: number;
  isLate: boolean;
  isOver: boolean;
  readonly isOpinion: boolean;
}

export interface RehearsedSlot {
  readonly round: RehearsedRound;
  readonly workerIndex: number;
  readonly attempts: Attempt[];
  tried: number[];
  acceptedBy: number;
  wantsOpinion: boolean;
}

export interface RehearsedRound {
  readonly groups: number;
  readonly slots: RehearsedSlot[];
  /** May something of it have to be sent? False once it was looked through in vain, until something happens to it. */
  isStirred: boolean;
  /** Worker indices, ascending. */
  accepted: number[];
  isPublished: boolean;
  graceAsked: boolean;
  gracePassed: boolean;
  /** Worker indices of which somebody else's word is still wanted. */
  opinions: number;
  wanted: boolean;
}

export function rehearsedRound(plan: InferencePlan, groups: number): RehearsedRound {
  const round: RehearsedRound = {
    groups,
    slots: [],
    isStirred: true,
    accepted: [],
    isPublished: false,
    graceAsked: false,
    gracePassed: false,
    opinions: 0,
    wanted: true,
  };
  for (let workerIndex = 0; workerIndex < plan.scheme.workerCount; workerIndex++) {
    round.slots.push({ round, workerIndex, attempts: [], tried: [], acceptedBy: -1, wantsOpinion: false });
  }
  return round;
}

/** Attempts at it that may be answered yet, and those of them that are not late. */
export function aliveAt({ attempts }: RehearsedSlot): { readonly alive: number; readonly inTime: number } {
  let [alive, inTime] = [0, 0];
  for (const { isOver, isLate } of attempts) {
    if (isOver) continue;
    alive++;
    if (!isLate) inTime++;
  }
  return { alive, inTime };
}

export function accept({ round, workerIndex }: RehearsedSlot): void {
  const { accepted } = round;
  let place = accepted.length;
  while (place > 0 && accepted[place - 1]! > workerIndex) place--;
  accepted.splice(place, 0, workerIndex);
}

/** Nobody waits for it any more; who gives an opinion goes on. */
export function abandon({ attempts }: RehearsedSlot): void {
  for (const attempt of attempts) if (!attempt.isOpinion) attempt.isOver = true;
}

/** Has somebody computed its query as it is? */
export function isAnswered({ scheme: { rawQueryOf } }: InferencePlan, { round, workerIndex }: RehearsedSlot): boolean {
  return round.accepted.some((other) => rawQueryOf[other] === rawQueryOf[workerIndex]);
}

/** Another worker index of the same round. */
export function holdsOther(slot: RehearsedSlot, tab: number): boolean {
  return slot.round.slots.some((other) => {
    if (other === slot) return false;
    return other.acceptedBy === tab || other.attempts.some((attempt) => attempt.tab === tab && !attempt.isOver);
  });
}

/** What a lost answer's mixtures are of no more use for. */
export function abandonMixtures(plan: InferencePlan, { slots }: RehearsedRound): void {
  for (const slot of slots) if (!isRawWorker(plan, slot.workerIndex)) abandon(slot);
}
