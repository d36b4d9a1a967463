/** What a master computes with: an engine for each kind of job that works in rounds of products. */

import type { Broadcast } from "../../kinds/regression/engine/broadcast.ts";
import type { Weights } from "../../kinds/regression/engine/optimizer.ts";
import type { Evaluation } from "../../kinds/regression/engine/predict.ts";
import type { PreparedFacts } from "../../kinds/regression/engine/regression-engine.ts";
import type { CodeReference } from "../core/run-effects.ts";
import type { DecodeVerdict, RunProduct } from "../core/run-events.ts";
import type { BlockShape } from "./blocks.ts";
import type { ShardResult } from "./decode-results.ts";

/** See GradientEngine and MatmulEngine for what each does; `backward` is null where there is one matrix alone. */
export interface MasterEngine {
  prepare(): PreparedFacts;
  encodeShards(
    reference: CodeReference,
    shardIndices: readonly number[],
  ): Promise<readonly { shardIndex: number; forward: Uint32Array; backward: Uint32Array | null }[]>;
  shapesOf(generation: number): { readonly forward: BlockShape; readonly backward: BlockShape | null };
  releaseCode(generation: number): void;
  broadcast(product: RunProduct): Broadcast;
  verify(generation: number, product: RunProduct, result: ShardResult): boolean;
  isWellFormed(generation: number, product: RunProduct, residues: Uint32Array): boolean;
  decode(generation: number, product: RunProduct, results: readonly ShardResult[], believes: boolean): DecodeVerdict;
  link(): Evaluation;
  update(): Evaluation | null;
  checkpoint(): Weights;
  restore(weights: Weights): void;
}
