/**
 * The trusted side's compute of one coded run: a method for each effect that needs arrays. It holds the data, the codes with
 * their secrets, and what the kind makes of the products, so it lives in one thread; what it hands out are shards, vectors and
 * verdicts. What goes out to tabs is framed and hashed here, so that the event loop never touches a shard.
 */
import type { FieldKernels } from "../../../shared/compute/field/field-kernels.ts";
import { areResidues, MODULUS } from "../../../shared/field/modulus.ts";
import { encodeFrame, type Tensor } from "../../../shared/protocol/frame.ts";
import type { RandomSource } from "../../../shared/random/random.ts";
import { sha256Hex } from "../../sha256-hex.ts";
import type { CodeReference } from "../core/run-effects.ts";
import type { DecodeVerdict, RunProduct } from "../core/run-events.ts";
import type { RunPlan } from "../core/run-plan.ts";
import type { BlockShape } from "./blocks.ts";
import { CodedMatrix } from "./coded-matrix.ts";
import type { ShardResult } from "./decode-results.ts";
import type {
  DescentStanding,
  EngineJob,
  Evaluation,
  HeldArrays,
  KindNumerics,
  NamedArrays,
  PreparedData,
  RoundVector,
} from "./kind-numerics.ts";

/** Of each product that the kind has: forward always. */
type ByProduct<T> = { readonly forward: T; readonly backward?: T };

/** The shards of one evaluation point, height x columns residues each. */
export interface EncodedShard extends ByProduct<Uint32Array> {
  readonly shardIndex: number;
}

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
  /** null: the kind has no backward product. */
  readonly backward: MatrixShape | null;
}

export interface FramedVector {
  readonly frame: Uint8Array;
  readonly sha256: string;
  readonly width: number;
}

export class RoundsEngine<J extends EngineJob = EngineJob> {
  readonly #numericsOf: (job: J) => KindNumerics;
  readonly #kernels: FieldKernels;
  readonly #random: RandomSource;
  #held: { readonly plan: RunPlan; readonly numerics: KindNumerics; readonly data: PreparedData } | null = null;
  readonly #codes = new Map<number, ByProduct<CodedMatrix>>();
  readonly #sent: Partial<Record<RunProduct, RoundVector>> = {};

  /** @param secretRandom cryptographic; a simulation's replayable one only where nothing is at stake */
  constructor(numericsOf: (job: J) => KindNumerics, kernels: FieldKernels, secretRandom: RandomSource) {
    this.#numericsOf = numericsOf;
    this.#kernels = kernels;
    this.#random = secretRandom;
  }

  /**
   * @param from arrays of an earlier run to go on with; null: begins anew
   * @returns what the submitter should know of the data, in sentences
   * @throws DataError, with words for the submitter
   */
  prepare(job: J, from: HeldArrays | null): string[] {
    const numerics = this.#numericsOf(job);
    const data = numerics.prepare();
    this.#held = { plan: job.plan, numerics, data };
    if (from !== null) numerics.restore(from);
    const { chunkCount, notes } = data;
    const chunked = `Sums are cut in ${chunkCount} parts to stay exact, so messages are ${chunkCount} times as long.`;
    return chunkCount > 1 ? [...notes, chunked] : [...notes];
  }

  async encodeShards(reference: CodeReference, shardIndices: readonly number[]): Promise<FramedShard[]> {
    const shards = await this.shardsOf(reference, shardIndices);
    const { forward, backward } = this.shapesOf(reference.generation);
    const [forwardShape, backwardShape] = [matrixShape(forward), backward ? matrixShape(backward) : null];
    return shards.map((shard) => {
      const tensors: Record<string, Tensor> = { forward: tensorOf(shard.forward, forwardShape) };
      if (backwardShape !== null) tensors.backward = tensorOf(shard.backward!, backwardShape);
      const frame = encodeFrame(tensors);
      const { shardIndex } = shard;
      return { shardIndex, frame, sha256: sha256Hex(frame), forward: forwardShape, backward: backwardShape };
    });
  }

  /** The first call of a generation draws its masks and keys. */
  async shardsOf(reference: CodeReference, shardIndices: readonly number[]): Promise<EncodedShard[]> {
    const code = this.#codes.get(reference.generation) ?? (await this.#makeCode(reference));
    const forward = await code.forward.shards(shardIndices);
    const backward = await code.backward?.shards(shardIndices);
    return shardIndices.map((shardIndex, i) => ({
      shardIndex,
      forward: forward[i]!,
      ...(backward === undefined ? {} : { backward: backward[i]! }),
    }));
  }

  async #makeCode(reference: CodeReference): Promise<ByProduct<CodedMatrix>> {
    const { plan, data } = this.#engine();
    const { forward, backward } = data.matrices;
    const [kernels, random] = [this.#kernels, this.#random];
    const code = {
      forward: new CodedMatrix(plan, reference, forward, kernels, random),
      ...(backward === undefined ? {} : { backward: new CodedMatrix(plan, reference, backward, kernels, random) }),
    };
    await code.forward.drawKeys();
    await code.backward?.drawKeys();
    this.#codes.set(reference.generation, code);
    return code;
  }

  shapesOf(generation: number): ByProduct<BlockShape> {
    const { forward, backward } = this.#code(generation);
    return { forward: forward.shape, ...(backward === undefined ? {} : { backward: backward.shape }) };
  }

  releaseCode(generation: number): void {
    this.#codes.delete(generation);
  }

  broadcast(product: RunProduct): FramedVector {
    const { residues, width } = this.vectorOf(product);
    const frame = encodeFrame({ vector: tensorOf(residues, { rows: residues.length / width, columns: width }) });
    return { frame, sha256: sha256Hex(frame), width };
  }

  /** The vector of a new round. */
  vectorOf(product: RunProduct): RoundVector {
    const vector = this.#engine().numerics.vector(product);
    this.#sent[product] = vector;
    return vector;
  }

  /** Is this, as it came, what the shard times the current vector is? */
  verify(generation: number, product: RunProduct, { shardIndex, residues }: ShardResult): boolean {
    if (!this.isWellFormed(generation, product, residues)) return false;
    return this.#matrix(generation, product).verify(shardIndex, this.#vector(product).residues, residues);
  }

  /** Is it of the right length, all residues? What is not never gets as far as a check. */
  isWellFormed(generation: number, product: RunProduct, residues: Uint32Array): boolean {
    const { height } = this.#matrix(generation, product).shape;
    return residues.length === height * this.#vector(product).width && areResidues(residues, MODULUS);
  }

  decode(generation: number, product: RunProduct, results: readonly ShardResult[], believes: boolean): DecodeVerdict {
    const decoded = this.#matrix(generation, product).decode(results, believes);
    if (decoded.kind !== "decoded") return decoded;
    this.#engine().numerics.take(product, decoded.blocks);
    return { kind: "decoded", wrongShards: decoded.wrongShards };
  }

  link(): Evaluation {
    return this.#engine().numerics.link();
  }

  update(): Evaluation | null {
    return this.#engine().numerics.update();
  }

  standing(): DescentStanding | null {
    return this.#engine().numerics.standing?.() ?? null;
  }

  checkpoint(): NamedArrays {
    return this.#engine().numerics.checkpoint();
  }

  /** SHA-256 of each array that a checkpoint would hold now, by name, in hex. */
  digests(): Record<string, string> {
    const arrays = Object.entries(this.#engine().numerics.checkpoint());
    const hashOf = ({ buffer, byteOffset, byteLength }: Float64Array) =>
      sha256Hex(new Uint8Array(buffer, byteOffset, byteLength));
    return Object.fromEntries(arrays.map(([name, values]) => [name, hashOf(values)]));
  }

  restore(held: HeldArrays): void {
    this.#engine().numerics.restore(held);
  }

  /** See KindNumerics. */
  evaluation(held: HeldArrays): object | null {
    return this.#engine().numerics.evaluation?.(held) ?? null;
  }

  #engine() {
    if (this.#held === null) throw new Error("RoundsEngine: expected prepare to come first");
    return this.#held;
  }

  #code(generation: number): ByProduct<CodedMatrix> {
    const code = this.#codes.get(generation);
    if (code === undefined) throw new Error(`RoundsEngine: expected a generation that is held, got ${generation}`);
    return code;
  }

  #matrix(generation: number, product: RunProduct): CodedMatrix {
    const matrix = this.#code(generation)[product];
    if (matrix === undefined) throw new Error(`RoundsEngine: expected a product of this kind, got ${product}`);
    return matrix;
  }

  #vector(product: RunProduct): RoundVector {
    const vector = this.#sent[product];
    if (vector === undefined) throw new Error(`RoundsEngine: expected a ${product} vector to come first`);
    return vector;
  }
}

function matrixShape({ height, columns }: BlockShape): MatrixShape {
  return { rows: height, columns };
}

function tensorOf(residues: Uint32Array, { rows, columns }: MatrixShape): Tensor {
  return { dtype: "U32", shape: [rows, columns], data: residues };
}
