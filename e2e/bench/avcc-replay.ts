/**
 * Numerics that compute nothing: what a run takes in time, replayed by the real state machine on a virtual clock. Exact
 * wherever the weights do not depend on who answers first: in avcc always, in lcc with no more liars than it corrects, in
 * uncoded, which waits for all. A right product is the residue that was broadcast, whatever else is a lie.
 */

import type { RunPlan } from "../../server/coded/core/run-plan.ts";
import type { ShardResult } from "../../server/coded/engine/decode-results.ts";
import type { FieldKernels } from "../../shared/compute/field/field-kernels.ts";
import type { CrowdNumerics } from "../crowd/coded-crowd.ts";

const SHAPE = { height: 1, columns: 1 };
const EMPTY = new Float64Array(0);

/** @param shardBytes of both shards of an evaluation point, for K blocks */
export function replayNumerics(plan: RunPlan, shardBytes: (blockCount: number) => number): CrowdNumerics {
  // The first product is of zero weights, and so zero.
  let sent = Uint32Array.of(0);
  let isFirst = true;
  return {
    async shardsOf({ blockCount }, shardIndices) {
      // Only the length in bytes is looked at.
      const forward = { byteLength: shardBytes(blockCount) } as Uint32Array;
      return shardIndices.map((shardIndex) => ({ shardIndex, forward, backward: new Uint32Array(0) }));
    },
    shapesOf: () => ({ forward: SHAPE, backward: SHAPE }),
    releaseCode: () => {},
    vectorOf() {
      sent = Uint32Array.of(isFirst ? 0 : 1);
      isFirst = false;
      return { residues: sent, width: 1 };
    },
    verify: (_generation, _product, result) => isRight(result),
    isWellFormed: () => true,
    decode(_generation, _product, results, believes) {
      const wrongShards = results.filter((result) => !isRight(result)).map(({ shardIndex }) => shardIndex);
      if (plan.scheme !== "lcc" || believes) return { kind: "decoded", wrongShards: [] };
      if (wrongShards.length <= plan.correctableShards) return { kind: "decoded", wrongShards };
      throw new Error("replay: expected no more liars than lcc corrects: its weights depend on who answers first");
    },
    link: () => ({ loss: 1, accuracy: null }),
    update: () => null,
    checkpoint: () => ({ weights: EMPTY, lookahead: EMPTY }),
    restore: () => {},
  };

  function isRight({ residues }: ShardResult): boolean {
    return residues[0] === sent[0];
  }
}

/** Every product is what was broadcast. */
export const REPLAY_KERNELS: FieldKernels = {
  backend: "plain",
  loadMatrix: () => ({
    rows: 1,
    columns: 1,
    bytes: 0,
    matVec: async (vector) => Uint32Array.from(vector),
    matThin: async (thin) => Uint32Array.from(thin),
    vecMat: async (vector) => Uint32Array.from(vector),
    dispose: () => {},
  }),
  dispose: () => {},
};
