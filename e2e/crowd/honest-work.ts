/**
 * What an honest tab makes of an assignment, whatever carries it there and back: files fetched with the assignment's token,
 * models and shards held, batches and products really computed. Every crowd without a browser works with it.
 */
import type { ProductAssignment, ShardAssignment } from "../../shared/coded/assignments.ts";
import type { FieldMatrix } from "../../shared/compute/field/field-kernels.ts";
import { createPlainKernels } from "../../shared/compute/field/plain-kernels.ts";
import type { LoadedModel } from "../../shared/compute/model-runtime.ts";
import type { BatchMessage } from "../../shared/kinds/inference/batch.ts";
import { rowsOfBatch } from "../../shared/kinds/inference/batch-rows.ts";
import { decodeFrame, encodeFrame, type Tensor } from "../../shared/protocol/frame.ts";
import type { Payload, Result, Slice } from "../../shared/protocol/messages.ts";

export interface HonestWorkOptions {
  readonly load: (bundle: Uint8Array) => Promise<LoadedModel>;
  /** null: the token is void */
  readonly fetchBlob: (token: string, sha256: string) => Promise<Uint8Array | null>;
}

export interface ComputedBatch {
  /** As they travelled. */
  readonly tensors: Readonly<Record<string, Tensor>>;
  /** rowCount x inputSize, as the model takes them. */
  readonly rows: Float32Array;
  /** rowCount x outputSize */
  readonly outputs: Float32Array;
}

type HeldShard = Readonly<Record<ProductAssignment["product"], FieldMatrix | null>>;

const kernels = createPlainKernels();

export class HonestWork {
  readonly #options: HonestWorkOptions;
  readonly #models = new Map<string, Promise<LoadedModel>>();
  readonly #shards = new Map<string, HeldShard>();

  constructor(options: HonestWorkOptions) {
    this.#options = options;
  }

  /** @returns null where the token was void before it had what it needs */
  async batch(message: BatchMessage): Promise<ComputedBatch | null> {
    const model = await this.#model(message);
    const frame = await this.#payload(message.token, message.input);
    if (model === null || frame === null) return null;
    const tensors = decodeFrame(frame);
    const rows = rowsOfBatch(tensors, message);
    return { tensors, rows, outputs: await model.run(rows, message.rowCount) };
  }

  /** @returns false where the token was void before the shard could be fetched */
  async hold({ token, shard }: ShardAssignment | ProductAssignment): Promise<boolean> {
    if (this.#shards.has(shard.sha256)) return true;
    const bytes = await this.#options.fetchBlob(token, shard.sha256);
    if (bytes === null) return false;
    const { forward, backward } = decodeFrame(bytes);
    this.#shards.set(shard.sha256, {
      forward: loaded(forward!, shard.forward),
      backward: shard.backward === null ? null : loaded(backward!, shard.backward),
    });
    return true;
  }

  /** @returns rows x width residues; null where the token was void before it had what it needs */
  async multiply(message: ProductAssignment): Promise<Uint32Array | null> {
    const frame = await this.#payload(message.token, message.vector);
    if (frame === null || !(await this.hold(message))) return null;
    const factor = decodeFrame(frame).vector!.data as Uint32Array;
    return this.#shards.get(message.shard.sha256)![message.product]!.matThin(factor, message.width);
  }

  /** As a tab that is closed and opened again: models come from its disk, shards were in its memory. */
  forgetShards(): void {
    this.#shards.clear();
  }

  async #payload(token: string, payload: Payload): Promise<Uint8Array | null> {
    // A copy of its own: a message's bytes lie anywhere, and frames are read as aligned views.
    return payload.kind === "inline" ? Uint8Array.from(payload.frame) : this.#options.fetchBlob(token, payload.sha256);
  }

  async #model({ token, model }: BatchMessage): Promise<LoadedModel | null> {
    const held = this.#models.get(model.sha256);
    if (held !== undefined) return held;
    const bytes = await this.#options.fetchBlob(token, model.sha256);
    if (bytes === null) return null;
    const made = this.#options.load(bytes);
    this.#models.set(model.sha256, made);
    return made;
  }
}

/** What a tab says of a batch. @param outputs rowCount x outputSize */
export function batchResult({ token, rowCount, outputSize }: BatchMessage, outputs: Float32Array): Result {
  const frame = encodeFrame({ outputs: { dtype: "F32", shape: [rowCount, outputSize], data: outputs } });
  return { token, computeMs: 1, output: { kind: "inline", frame } };
}

/** [PR106] Rows of a batch that come before its answer. @param outputs of all rows that are computed so far */
export function sliceOf({ token, outputSize }: BatchMessage, outputs: Float32Array, first: number): Slice {
  const data = outputs.slice(first * outputSize);
  const frame = encodeFrame({ outputs: { dtype: "F32", shape: [data.length / outputSize, outputSize], data } });
  return { token, first, signature: new Uint8Array(64), frame };
}

/** What a tab says of a product. @param residues rows x width; a forger may send what has another shape */
export function productResult({ token, shard, product, width }: ProductAssignment, residues: Uint32Array): Result {
  const { rows } = shard[product]!;
  const shape = residues.length === rows * width ? [rows, width] : [residues.length, 1];
  const frame = encodeFrame({ products: { dtype: "U32", shape, data: residues } });
  return { token, computeMs: 1, output: { kind: "inline", frame } };
}

function loaded(tensor: Tensor, { rows, columns }: { rows: number; columns: number }): FieldMatrix {
  return kernels.loadMatrix(tensor.data as Uint32Array, rows, columns);
}
