/**
 * The trusted side's compute of one gradient job: a method for each effect of server/coded/core/run.ts that needs arrays. It
 * holds the data, the codes with their secrets, and the weights, so it lives in one numerics thread; what it hands out are
 * shards, broadcasts and verdicts. All arithmetic outside of the field is Float64.
 */
import type { FieldKernels } from "../../../../shared/compute/field/field-kernels.ts";
import { areResidues, MODULUS } from "../../../../shared/field/modulus.ts";
import type { RandomSource } from "../../../../shared/random/random.ts";
import type { CodeReference } from "../../../coded/core/run-effects.ts";
import type { DecodeVerdict, RunProduct } from "../../../coded/core/run-events.ts";
import type { RunPlan } from "../../../coded/core/run-plan.ts";
import { CodedMatrix } from "../../../coded/engine/coded-matrix.ts";
import type { ShardResult } from "../../../coded/engine/decode-results.ts";
import { type Broadcast, joinBlocks, quantizeBroadcast } from "./broadcast.ts";
import { link } from "./link.ts";
import { descend, type OptimizerSettings, penalty, requireSettings, type Weights, zeroWeights } from "./optimizer.ts";
import { accuracyOf, type Evaluation, evaluate } from "./predict.ts";
import { type PreparedTraining, prepareTraining, type TrainingInput } from "./prepare-training.ts";

export interface TrainingJob extends TrainingInput {
  readonly plan: RunPlan;
  readonly optimizer: OptimizerSettings;
}

export interface PreparedFacts {
  readonly rows: number;
  readonly columns: number;
  readonly classes: number;
  readonly forwardChunks: number;
  readonly backwardChunks: number;
  readonly constantColumns: readonly number[];
  readonly labelOfClass: readonly number[];
}

/** Both shards of one evaluation point, ready to be stored as a blob. */
export interface EncodedShard {
  readonly shardIndex: number;
  readonly forward: Uint32Array;
  readonly backward: Uint32Array;
}

export interface ShardShapes {
  readonly forward: { readonly height: number; readonly columns: number };
  readonly backward: { readonly height: number; readonly columns: number };
}

type Both<T> = Readonly<Record<RunProduct, T>>;

export class GradientEngine {
  readonly #job: TrainingJob;
  readonly #kernels: FieldKernels;
  readonly #random: RandomSource;
  #prepared: PreparedTraining | null;
  readonly #codes = new Map<number, Both<CodedMatrix>>();
  readonly #broadcasts: Partial<Record<RunProduct, Broadcast>> = {};
  #weights: Weights = zeroWeights(0);
  #scores: Float64Array = new Float64Array(0);
  #residuals: Float64Array = new Float64Array(0);
  #gradientSum: Float64Array = new Float64Array(0);

  /**
   * @param secretRandom cryptographic; a simulation's replayable one only where nothing is at stake
   * @param prepared of the same data, from before
   */
  constructor(job: TrainingJob, kernels: FieldKernels, secretRandom: RandomSource, prepared?: PreparedTraining) {
    this.#prepared = prepared ?? null;
    this.#job = job;
    this.#kernels = kernels;
    this.#random = secretRandom;
  }

  /** Checks and quantizes the data, unless that was done before. @throws TrainingDataError, with words for the submitter */
  prepare(): PreparedFacts {
    requireSettings(this.#job.optimizer);
    this.#prepared ??= prepareTraining(this.#job);
    const { quantized, targets, chunks } = this.#prepared;
    this.#weights = zeroWeights(quantized.columns * targets.classes);
    this.#residuals = new Float64Array(quantized.rows * targets.classes);
    this.#gradientSum = new Float64Array(quantized.columns * targets.classes);
    return {
      rows: quantized.rows,
      columns: quantized.columns,
      classes: targets.classes,
      forwardChunks: chunks.forward.norms.length,
      backwardChunks: chunks.backward.norms.length,
      constantColumns: quantized.constantColumns,
      labelOfClass: targets.labelOfClass,
    };
  }

  /** The first call of a generation draws its masks and keys. */
  async encodeShards(reference: CodeReference, shardIndices: readonly number[]): Promise<EncodedShard[]> {
    const code = this.#codes.get(reference.generation) ?? (await this.#makeCode(reference));
    const forward = await code.forward.shards(shardIndices);
    const backward = await code.backward.shards(shardIndices);
    return shardIndices.map((shardIndex, i) => ({ shardIndex, forward: forward[i]!, backward: backward[i]! }));
  }

  shapesOf(generation: number): ShardShapes {
    const { forward, backward } = this.#code(generation);
    return { forward: forward.shape, backward: backward.shape };
  }

  releaseCode(generation: number): void {
    this.#codes.delete(generation);
  }

  /** Weights (forward) or residuals (backward), as all tabs get them. */
  broadcast(product: RunProduct): Broadcast {
    const { quantized, targets, chunks } = this.#data();
    const { classes } = targets;
    const broadcast =
      product === "forward"
        ? quantizeBroadcast(this.#scaled(this.#weights.lookahead), quantized.columns, classes, chunks.forward)
        : quantizeBroadcast(this.#residuals, quantized.rows, classes, chunks.backward);
    this.#broadcasts[product] = broadcast;
    return broadcast;
  }

  /** Is this what the shard times the current broadcast is? */
  verify(generation: number, product: RunProduct, { shardIndex, residues }: ShardResult): boolean {
    return this.#code(generation)[product].verify(shardIndex, this.#sent(product).residues, residues);
  }

  /** Is it of the right length, all residues? What is not never gets as far as a check. */
  isWellFormed(generation: number, product: RunProduct, residues: Uint32Array): boolean {
    const { height } = this.#code(generation)[product].shape;
    return residues.length === height * this.#sent(product).width && areResidues(residues, MODULUS);
  }

  decode(generation: number, product: RunProduct, results: readonly ShardResult[], believes: boolean): DecodeVerdict {
    const decoded = this.#code(generation)[product].decode(results, believes);
    if (decoded.kind !== "decoded") return decoded;
    const { quantized } = this.#data();
    const joined = joinBlocks(
      decoded.blocks,
      product === "forward" ? quantized.rows : quantized.columns,
      this.#sent(product),
    );
    if (product === "forward") this.#scores = joined;
    else this.#gradientSum = this.#scaled(joined);
    return { kind: "decoded", wrongShards: decoded.wrongShards };
  }

  /** Residuals of the decoded scores. @returns the objective at the broadcast weights, and the share of rows they get right */
  link(): Evaluation {
    const { targets } = this.#data();
    const { kind, optimizer } = this.#job;
    const { residuals, loss } = link(kind, this.#scores, targets.values, targets.classes);
    this.#residuals = residuals;
    const accuracy = accuracyOf(kind, this.#scores, targets.values, targets.classes);
    return { loss: loss + penalty(this.#weights.lookahead, optimizer.l2), accuracy };
  }

  /** @returns how the new weights do on the held-out rows; null where there are none */
  update(): Evaluation | null {
    const { quantized, targets, validationTargets } = this.#data();
    this.#weights = descend(this.#weights, this.#gradientSum, quantized.rows, this.#job.optimizer);
    const { kind, validation } = this.#job;
    if (validation === undefined || validationTargets === null) return null;
    return evaluate(kind, validation.features, validationTargets, this.#weights.weights, targets.classes);
  }

  /** A copy of the weights, d x C; what a checkpoint holds. */
  checkpoint(): Weights {
    const { weights, lookahead } = this.#weights;
    return { weights: weights.slice(), lookahead: lookahead.slice() };
  }

  restore({ weights, lookahead }: Weights): void {
    this.#weights = { weights: weights.slice(), lookahead: lookahead.slice() };
  }

  async #makeCode(reference: CodeReference): Promise<Both<CodedMatrix>> {
    const { quantized, transposed } = this.#data();
    const { matrix, rows, columns } = quantized;
    const { plan } = this.#job;
    const [kernels, random] = [this.#kernels, this.#random];
    const code = {
      forward: new CodedMatrix(plan, reference, { residues: matrix, rows, columns }, kernels, random),
      backward: new CodedMatrix(
        plan,
        reference,
        { residues: transposed, rows: columns, columns: rows },
        kernels,
        random,
      ),
    };
    await code.forward.drawKeys();
    await code.backward.drawKeys();
    this.#codes.set(reference.generation, code);
    return code;
  }

  /** Row j of a d x C matrix divided by the scale of feature j: weights on their way out, gradients on their way in. */
  #scaled(values: Float64Array): Float64Array {
    const { quantized, targets } = this.#data();
    const { classes } = targets;
    return values.map((value, i) => value / quantized.scales[Math.floor(i / classes)]!);
  }

  #data(): PreparedTraining {
    if (this.#prepared === null) throw new Error("GradientEngine: expected prepare to come first");
    return this.#prepared;
  }

  #code(generation: number): Both<CodedMatrix> {
    const code = this.#codes.get(generation);
    if (code === undefined) throw new Error(`GradientEngine: expected a generation that is held, got ${generation}`);
    return code;
  }

  #sent(product: RunProduct): Broadcast {
    const broadcast = this.#broadcasts[product];
    if (broadcast === undefined) throw new Error(`GradientEngine: expected a ${product} broadcast to come first`);
    return broadcast;
  }
}
