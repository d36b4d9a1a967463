/** What a coded run will cost, said before it starts: bytes to each tab, multiplications, rounds, redundancy. */

import { KEY_COUNT } from "../../../shared/verify/freivalds.ts";
import type { RunPlan } from "./run-plan.ts";

/** Of a residue. */
export const RESIDUE_BYTES = 4;

export interface RunShape {
  /** m */
  readonly rows: number;
  /** d */
  readonly columns: number;
  /** C: 1, or the classes of softmax */
  readonly classes: number;
  readonly iterations: number;
  /** Numbers that each entry of the matrix is cut into, below each other: so many times its rows. Default 1 */
  readonly matrixLimbs?: number;
  /** Broadcast columns a class, where numbers are cut in limbs, or sums in chunks, to be exact. Default 1 */
  readonly forwardChunks?: number;
  readonly backwardChunks?: number;
}

export interface RunCost {
  /** Once: the shards of X and of X^T that one volunteer holds. */
  readonly shardBytesPerVolunteer: number;
  /** Each iteration, to and from one volunteer. */
  readonly broadcastBytesPerIteration: number;
  readonly resultBytesPerIteration: number;
  /** The whole job, to and from all volunteers. */
  readonly totalBytes: number;
  readonly multiplicationsPerVolunteerPerIteration: number;
  /** Of the coordinator, each iteration: the checks of every result. */
  readonly verificationMultiplicationsPerIteration: number;
  /** Checks over what they check; 0 where nothing is checked. */
  readonly verificationShare: number;
  /** Of the coordinator, once: shards that are no plain block, and keys. */
  readonly encodingMultiplications: number;
  /** Each iteration is two. */
  readonly rounds: number;
  readonly iterations: number;
  /** Multiplications of the whole job on one computer, with plain numbers and no code. */
  readonly multiplicationsAlone: number;
  readonly redundancy: number;
}

/** Rows of a shard of X (m/K, rounded up), and of a shard of X^T (d/K, rounded up), limbs and all. */
export function shardHeights(
  { rows, columns, matrixLimbs = 1 }: Pick<RunShape, "rows" | "columns" | "matrixLimbs">,
  blockCount: number,
) {
  return {
    forward: Math.ceil((matrixLimbs * rows) / blockCount),
    backward: Math.ceil((matrixLimbs * columns) / blockCount),
  };
}

export function predictCost(plan: RunPlan, shape: RunShape): RunCost {
  const { rows, columns, classes, iterations } = shape;
  const forwardWidth = classes * (shape.forwardChunks ?? 1);
  const backwardWidth = classes * (shape.backwardChunks ?? 1);
  const heights = shardHeights(shape, plan.blockCount);
  const [forwardSize, backwardSize] = [heights.forward * columns, heights.backward * rows];
  const shardBytes = RESIDUE_BYTES * (forwardSize + backwardSize);
  const broadcastBytes = RESIDUE_BYTES * (columns * forwardWidth + rows * backwardWidth);
  const resultBytes = RESIDUE_BYTES * (heights.forward * forwardWidth + heights.backward * backwardWidth);
  const shardWork = forwardSize * forwardWidth + backwardSize * backwardWidth;
  const checkWork = plan.isVerified
    ? KEY_COUNT * ((heights.forward + columns) * forwardWidth + (heights.backward + rows) * backwardWidth)
    : 0;
  const perVolunteer = plan.shardsPerVolunteer;
  const perIteration = plan.volunteerCount * (broadcastBytes + perVolunteer * resultBytes);
  return {
    shardBytesPerVolunteer: perVolunteer * shardBytes,
    broadcastBytesPerIteration: broadcastBytes,
    resultBytesPerIteration: perVolunteer * resultBytes,
    totalBytes: plan.shardCount * shardBytes + iterations * perIteration,
    multiplicationsPerVolunteerPerIteration: perVolunteer * shardWork,
    verificationMultiplicationsPerIteration: plan.shardCount * checkWork,
    verificationShare: checkWork / shardWork,
    encodingMultiplications: encodingWork(plan, forwardSize + backwardSize),
    rounds: 2 * iterations,
    iterations,
    multiplicationsAlone: 2 * rows * columns * classes * iterations,
    redundancy: plan.redundancy,
  };
}

/** Of a matrix job: one matrix alone, and one round an iteration. `classes` are the columns of a slice. */
export function forwardCost(plan: RunPlan, shape: RunShape): RunCost {
  const { columns, classes, iterations } = shape;
  const width = classes * (shape.forwardChunks ?? 1);
  const height = shardHeights(shape, plan.blockCount).forward;
  const size = height * columns;
  const perVolunteer = plan.shardsPerVolunteer;
  const broadcastBytes = RESIDUE_BYTES * columns * width;
  const resultBytes = RESIDUE_BYTES * perVolunteer * height * width;
  const checkWork = plan.isVerified ? KEY_COUNT * (height + columns) * width : 0;
  return {
    shardBytesPerVolunteer: RESIDUE_BYTES * perVolunteer * size,
    broadcastBytesPerIteration: broadcastBytes,
    resultBytesPerIteration: resultBytes,
    totalBytes:
      RESIDUE_BYTES * plan.shardCount * size + iterations * plan.volunteerCount * (broadcastBytes + resultBytes),
    multiplicationsPerVolunteerPerIteration: perVolunteer * size * width,
    verificationMultiplicationsPerIteration: plan.shardCount * checkWork,
    verificationShare: checkWork / (size * width),
    encodingMultiplications: encodingWork(plan, size),
    rounds: iterations,
    iterations,
    multiplicationsAlone: shape.rows * columns * classes * iterations,
    redundancy: plan.redundancy,
  };
}

/** A systematic code (T = 0) computes its parities alone; keys are one product of all blocks a secret. */
function encodingWork(plan: RunPlan, blockSize: number): number {
  const width = plan.blockCount + plan.maskCount;
  const mixtures = plan.holdsCopies ? 0 : plan.shardCount - (plan.maskCount === 0 ? plan.blockCount : 0);
  const keys = plan.isVerified ? KEY_COUNT * width * blockSize : 0;
  return mixtures * width * blockSize + keys;
}
