/**
 * The master of one gradient job as the shell sees it: GradientEngine behind asynchronous calls that are carried out in the
 * order in which they were made, in a thread of its own (spawn-master.ts) or here (a simulation's). What goes out to tabs is
 * framed and hashed on this side, so that the event loop never touches a shard.
 */

import type { FieldKernels } from "../../../shared/compute/field/field-kernels.ts";
import { createTurnQueue } from "../../../shared/control/turn-queue.ts";
import { encodeFrame } from "../../../shared/protocol/frame.ts";
import type { RandomSource } from "../../../shared/random/random.ts";
import { MatmulEngine } from "../../kinds/matmul/engine/matmul-engine.ts";
import type { OptimizerSettings, Weights } from "../../kinds/regression/engine/optimizer.ts";
import type { Evaluation } from "../../kinds/regression/engine/predict.ts";
import { GradientEngine, type PreparedFacts } from "../../kinds/regression/engine/regression-engine.ts";
import {
  type MatrixFiles,
  matmulInput,
  type TrainingFiles,
  trainingInput,
} from "../../kinds/regression/engine/training-data.ts";
import { sha256Hex } from "../../sha256-hex.ts";
import type { CodeReference } from "../core/run-effects.ts";
import type { DecodeVerdict, RunProduct } from "../core/run-events.ts";
import type { RunPlan } from "../core/run-plan.ts";
import type { ShardResult } from "./decode-results.ts";
import type { MasterEngine } from "./engine-of-kind.ts";

export interface TrainingMasterJob extends TrainingFiles {
  readonly task: "training";
  readonly plan: RunPlan;
  readonly optimizer: OptimizerSettings;
  /** Weights to go on with; null: zeros. */
  readonly weights: Weights | null;
}

export interface MatmulMasterJob extends MatrixFiles {
  readonly task: "matmul";
  readonly plan: RunPlan;
  /** The product so far, to go on with; null: nothing. */
  readonly weights: Weights | null;
}

export type MasterJob = TrainingMasterJob | MatmulMasterJob;

interface MatrixShape {
  readonly rows: number;
  readonly columns: number;
}

/** The shards of one evaluation point as the frame that a tab fetches. */
export interface FramedShard {
  readonly shardIndex: number;
  readonly frame: Uint8Array;
  readonly sha256: string;
  readonly forward: MatrixShape;
  /** null: a matrix job has none. */
  readonly backward: MatrixShape | null;
}

export interface FramedBroadcast {
  readonly frame: Uint8Array;
  readonly sha256: string;
  readonly width: number;
}

export interface GradientMaster {
  /** @throws TrainingDataError, with words for the submitter */
  prepare(job: MasterJob): Promise<PreparedFacts>;
  encodeShards(code: CodeReference, shardIndices: readonly number[]): Promise<FramedShard[]>;
  releaseCode(generation: number): Promise<void>;
  broadcast(product: RunProduct): Promise<FramedBroadcast>;
  verify(generation: number, product: RunProduct, result: ShardResult): Promise<boolean>;
  decode(
    generation: number,
    product: RunProduct,
    results: readonly ShardResult[],
    believes: boolean,
  ): Promise<DecodeVerdict>;
  link(): Promise<Evaluation>;
  update(): Promise<Evaluation | null>;
  checkpoint(): Promise<Weights>;
  restore(weights: Weights): Promise<void>;
  /** Lets everything go; calls under way may never settle. */
  close(): Promise<void>;
}

/** In the calling thread. @param secretRandom cryptographic, but in simulations */
export function localMaster(kernels: FieldKernels, secretRandom: RandomSource): GradientMaster {
  let engine: MasterEngine | null = null;
  const held = (): MasterEngine => {
    if (engine === null) throw new Error("GradientMaster: expected prepare to come first");
    return engine;
  };
  // Encoding waits for kernels: taking turns keeps the order of the calls.
  const inTurn = createTurnQueue();
  return {
    prepare: (job) =>
      inTurn(() => {
        engine = engineOf(job, kernels, secretRandom);
        const facts = engine.prepare();
        if (job.weights !== null) engine.restore(job.weights);
        return facts;
      }),
    encodeShards: (code, shardIndices) =>
      inTurn(async () => {
        const shards = await held().encodeShards(code, shardIndices);
        const shapes = held().shapesOf(code.generation);
        const forward = { rows: shapes.forward.height, columns: shapes.forward.columns };
        const backward =
          shapes.backward === null ? null : { rows: shapes.backward.height, columns: shapes.backward.columns };
        return shards.map((shard) => {
          const frame = encodeFrame({
            forward: { dtype: "U32", shape: [forward.rows, forward.columns], data: shard.forward },
            ...(backward === null || shard.backward === null
              ? {}
              : { backward: { dtype: "U32", shape: [backward.rows, backward.columns], data: shard.backward } }),
          });
          return { shardIndex: shard.shardIndex, frame, sha256: sha256Hex(frame), forward, backward };
        });
      }),
    releaseCode: (generation) => inTurn(() => held().releaseCode(generation)),
    broadcast: (product) =>
      inTurn(() => {
        const { residues, width } = held().broadcast(product);
        const frame = encodeFrame({
          vector: { dtype: "U32", shape: [residues.length / width, width], data: residues },
        });
        return { frame, sha256: sha256Hex(frame), width };
      }),
    verify: (generation, product, result) =>
      inTurn(
        () => held().isWellFormed(generation, product, result.residues) && held().verify(generation, product, result),
      ),
    decode: (generation, product, results, believes) =>
      inTurn(() => held().decode(generation, product, results, believes)),
    link: () => inTurn(() => held().link()),
    update: () => inTurn(() => held().update()),
    checkpoint: () => inTurn(() => held().checkpoint()),
    restore: (weights) => inTurn(() => held().restore(weights)),
    close: async () => {
      engine = null;
      kernels.dispose();
    },
  };
}

function engineOf(job: MasterJob, kernels: FieldKernels, secretRandom: RandomSource): MasterEngine {
  const { plan } = job;
  if (job.task === "matmul") return new MatmulEngine({ ...matmulInput(job), plan }, kernels, secretRandom);
  return new GradientEngine({ ...trainingInput(job), plan, optimizer: job.optimizer }, kernels, secretRandom);
}
