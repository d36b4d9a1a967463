/**
 * What happens to a coded run. Plain data: references (rounds, shard indices, volunteers), never arrays, never keys, and
 * the time as a field. Outcomes name the effect that they answer; one that is not waited for changes nothing (GR3).
 */

/** forward: Z = X W over shards of X. backward: G = X^T R over shards of X^T. */
export type RunProduct = "forward" | "backward";

export type DecodeVerdict =
  /** wrongShards: whose results the code itself corrected or outvoted; always empty where results are verified. */
  | { readonly kind: "decoded"; readonly wrongShards: readonly number[] }
  /** Replication: no majority for some block yet; more results may help. */
  | { readonly kind: "undecided" }
  /** lcc: more wrong results than it can correct, and it noticed. */
  | { readonly kind: "undecodable" };

export type RunEvent = { readonly atMs: number } & (
  | {
      readonly type: "volunteerJoined";
      readonly volunteerId: string;
      /** Measured, in any unit that is the same for all: only ratios count. */
      readonly speed: number;
      readonly isInvited: boolean;
    }
  /** Its products tell how fast it is: what it gets of the next code follows. */
  | { readonly type: "speedMeasured"; readonly volunteerId: string; readonly speed: number }
  /** A time that was asked for has come. */
  | { readonly type: "woken" }
  | { readonly type: "volunteerLeft"; readonly volunteerId: string }
  | { readonly type: "prepared"; readonly effectId: number }
  | { readonly type: "encoded"; readonly effectId: number }
  /** The volunteer has both shards of this index, with the right hash. */
  | {
      readonly type: "shardHeld";
      readonly generation: number;
      readonly shardIndex: number;
      readonly volunteerId: string;
    }
  /** It could not fetch its shards: it gets no work of this job. */
  | { readonly type: "shardRefused"; readonly volunteerId: string }
  | { readonly type: "broadcastReady"; readonly effectId: number }
  /** Its bytes are held, of the right shape, all of them residues. */
  | {
      readonly type: "resultArrived";
      readonly roundId: number;
      readonly shardIndex: number;
      readonly volunteerId: string;
    }
  /** No answer, or one of the wrong shape. */
  | {
      readonly type: "resultFailed";
      readonly roundId: number;
      readonly shardIndex: number;
      readonly volunteerId: string;
    }
  | { readonly type: "verified"; readonly effectId: number; readonly isRight: boolean }
  | { readonly type: "decoded"; readonly effectId: number; readonly verdict: DecodeVerdict }
  /** The loss at this iteration's weights, before they are updated, and the share of rows that they get right. */
  | { readonly type: "linked"; readonly effectId: number; readonly loss: number; readonly accuracy?: number | null }
  /** Weights are those of the next iteration now; the loss of the held-out rows is theirs. */
  | {
      readonly type: "updated";
      readonly effectId: number;
      readonly validationLoss: number | null;
      readonly validationAccuracy?: number | null;
      /** How far they are from the optimum at most, in parts of the largest one. */
      readonly distance?: number | null;
      /** The kind says that this is near enough, and why. */
      readonly stop?: string | null;
    }
  | { readonly type: "restored"; readonly effectId: number }
  | { readonly type: "effectFailed"; readonly effectId: number; readonly message: string }
  | { readonly type: "stopRequested" }
  | { readonly type: "cancelled" }
);
