/** What a coded run asks for. Effects of one step are carried out in order; those that have an outcome are answered with it. */
import type { CodedEndKind } from "../../../shared/coded/run-view.ts";
import type { RunProduct } from "./run-events.ts";

/** The code of one generation, in numbers: what numerics needs to make points, shards and keys. */
export interface CodeReference {
  readonly generation: number;
  readonly blockCount: number;
  readonly maskCount: number;
}

export interface ShardReference {
  readonly generation: number;
  readonly shardIndex: number;
}

export type { CodedEndKind };

export interface RunEnd {
  readonly kind: CodedEndKind;
  readonly reason: string;
  /** Weights after so many iterations are the result; null: there are none. */
  readonly weightsOf: number | null;
}

export type RunEffect = { readonly effectId: number } /** Check and quantize the data. Outcome: prepared. */ & (
  | {
      readonly type: "prepare";
      /** Go on with the durable weights of this iteration; null: begin anew. */
      readonly weightsOf: number | null;
    }
  /**
   * Encode the shards of these indices of X and of X^T; the first request of a generation draws its masks and keys.
   * Outcome: encoded.
   */
  | { readonly type: "encodeShards"; readonly code: CodeReference; readonly shardIndices: readonly number[] }
  /** Let the volunteer fetch its shards; it says shardHeld when it has them, at once if it kept them. */
  | ({ readonly type: "sendShard"; readonly volunteerId: string } & ShardReference)
  /** No round will use this generation again. */
  | { readonly type: "releaseCode"; readonly generation: number }
  /** Quantize the weights (forward) or residuals (backward) and keep them where volunteers can get them. Outcome: broadcastReady. */
  | {
      readonly type: "broadcast";
      readonly roundId: number;
      readonly product: RunProduct;
      readonly iteration: number;
    }
  | ({
      readonly type: "sendProduct";
      readonly roundId: number;
      readonly product: RunProduct;
      readonly volunteerId: string;
    } & ShardReference)
  /** Outcome: woken, not before then. */
  | { readonly type: "wakeAt"; readonly wakeMs: number }
  /**
   * Whoever has not begun on this round need not. An answer that is under way may still be reported (resultArrived): nothing of
   * it is used, but it tells a prompt volunteer from a straggler.
   */
  | { readonly type: "endRound"; readonly roundId: number }
  /** Freivalds, all keys, one verdict. Outcome: verified. */
  | ({
      readonly type: "verify";
      readonly roundId: number;
      readonly product: RunProduct;
      readonly volunteerId: string;
    } & ShardReference)
  /** From these results, in this order. `believes`: wrong ones are not looked for. Outcome: decoded. */
  | {
      readonly type: "decode";
      readonly roundId: number;
      readonly product: RunProduct;
      readonly generation: number;
      readonly shardIndices: readonly number[];
      /** Whose results they are, in the same order. */
      readonly volunteerIds: readonly string[];
      readonly believes: boolean;
    }
  /** Predictions, loss and residuals from the decoded forward product. Outcome: linked. */
  | { readonly type: "link"; readonly iteration: number }
  /** One step of gradient descent from the decoded backward product. Outcome: updated. */
  | { readonly type: "update"; readonly iteration: number }
  /** Hold these weights: `best` until better ones come, `periodic` and `final` durable. */
  | { readonly type: "checkpoint"; readonly iteration: number; readonly reason: "periodic" | "best" | "final" }
  /** Go back to the weights that were held as best. Outcome: restored. */
  | { readonly type: "restoreWeights"; readonly iteration: number }
  /** The volunteer sent a wrong result: it gets no more work of any job. */
  | { readonly type: "nameLiar"; readonly volunteerId: string; readonly roundId: number; readonly shardIndex: number }
  | { readonly type: "finish"; readonly end: RunEnd }
);

/** An effect before the step has numbered it. */
export type UnnumberedRunEffect = RunEffect extends infer E
  ? E extends RunEffect
    ? Omit<E, "effectId">
    : never
  : never;
