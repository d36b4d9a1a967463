/**
 * What a fault does in one round: a pure function of (seed, tab, round), never of a stream, so that every scheme meets the
 * same faults, whatever it asked before and however often it asks again.
 */
import { exponential, randomAt } from "../../../shared/random/simulation-random.ts";
import type { Fault, Lie } from "./fault-profile.ts";

export interface RoundFault {
  /** Added to the time of the task. */
  readonly delayMs: number;
  /** The task takes so many times its own time, ... */
  readonly factor: number;
  /** ... and at least so long. */
  readonly floorMs: number;
  readonly isMute: boolean;
  readonly leaves: boolean;
  readonly lie: Lie | null;
}

export const NO_FAULT: RoundFault = { delayMs: 0, factor: 1, floorMs: 0, isMute: false, leaves: false, lie: null };

/** Kinds draw apart from each other: a tab that is late in a round is not for that reason mute in it. */
const STRAGGLE_DRAW = 2;
const MUTE_DRAW = 3;

/** @param round index of the round in its job */
export function faultAt(seed: number, tab: number, round: number, fault: Fault): RoundFault {
  switch (fault.kind) {
    case "straggle": {
      const random = randomAt(seed, STRAGGLE_DRAW, tab, round);
      if (random.uniform() >= fault.probability) return NO_FAULT;
      return { ...NO_FAULT, delayMs: fault.fixedMs + exponential(random, fault.meanMs) };
    }
    case "slow":
      return { ...NO_FAULT, factor: fault.factor, floorMs: fault.floorMs };
    case "mute":
      return { ...NO_FAULT, isMute: randomAt(seed, MUTE_DRAW, tab, round).uniform() < fault.probability };
    case "leaves":
      return { ...NO_FAULT, leaves: round >= fault.afterRounds };
    case "liar":
      return { ...NO_FAULT, lie: fault.lie };
    // Of a back-end and not of a round (fault-thread.ts).
    case "card":
      return NO_FAULT;
    default:
      return fault satisfies never;
  }
}

/** All faults of one tab together: delays add up, the worst of the others counts. */
export function faultsAt(seed: number, tab: number, round: number, faults: readonly Fault[]): RoundFault {
  return faults
    .map((fault) => faultAt(seed, tab, round, fault))
    .reduce(
      (all, one) => ({
        delayMs: all.delayMs + one.delayMs,
        factor: Math.max(all.factor, one.factor),
        floorMs: Math.max(all.floorMs, one.floorMs),
        isMute: all.isMute || one.isMute,
        leaves: all.leaves || one.leaves,
        lie: one.lie ?? all.lie,
      }),
      NO_FAULT,
    );
}
