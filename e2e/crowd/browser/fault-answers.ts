/** Lies about batches: from honest outputs to what a liar sends. By name, as the papers and our own tables call them. */
import { normal, randomAt } from "../../../shared/random/simulation-random.ts";
import type { Lie } from "./fault-profile.ts";

const NOISE_DRAW = 4;
const ENTRY_DRAW = 5;

export interface LieContext {
  readonly seed: number;
  readonly tab: number;
  readonly round: number;
  /** Assignments that the tab began before this one, of whichever job. */
  readonly begun: number;
  /** What this tab computed in the round before; null in its first. */
  readonly previous: Float32Array | null;
  /** What a colluder computed in this round; null: nothing yet, or there is none. */
  readonly colluder: Float32Array | null;
}

/**
 * @param outputs rowCount x C, row-major; not changed
 * @returns a new array of the same shape
 */
export function lieAbout(lie: Lie, outputs: Float32Array, rowCount: number, context: LieContext): Float32Array {
  switch (lie.name) {
    case "other-query":
      return rotated(outputs, rowCount);
    case "sign-flip":
      return outputs.map((value) => -value);
    case "reverse":
      return outputs.map((value) => -lie.factor * value);
    case "sleeper":
      return context.begun < lie.rounds ? outputs.slice() : outputs.map((value) => -value);
    case "noise": {
      const random = randomAt(context.seed, NOISE_DRAW, context.tab, context.round);
      return outputs.map((value) => value + lie.sigma * normal(random));
    }
    case "constant":
      return new Float32Array(outputs.length).fill(1);
    case "one-entry": {
      const lied = outputs.slice();
      lied[randomAt(context.seed, ENTRY_DRAW, context.tab, context.round).integer(lied.length)]! += 1;
      return lied;
    }
    case "swap":
      return (context.colluder ?? outputs).slice();
    case "replay": {
      const { previous } = context;
      // Whoever has nothing to replay yet has to do the work.
      if (previous === null) return outputs.slice();
      return outputs.map((_, i) => previous[i % previous.length]!);
    }
    default:
      return lie satisfies never;
  }
}

/** Row r gets the outputs of row r + 1. A batch of one row has no other: its outputs move by one class instead. */
function rotated(outputs: Float32Array, rowCount: number): Float32Array {
  const shift = rowCount > 1 ? outputs.length / rowCount : 1;
  return outputs.map((_, i) => outputs[(i + shift) % outputs.length]!);
}
