/**
 * [RC10] What a coded run was made of, round by round, for its receipt: which products went into each update, their digests, who signed
 * them, and the digests of the arrays after it. What a checkpoint makes durable of it are blobs that the job's record names.
 */
import { createTurnQueue } from "../../shared/control/turn-queue.ts";
import { utf8 } from "../../shared/receipts/bytes.ts";
import {
  type ProductSignature,
  type RoundProduct,
  roundLine,
  writeCheckpoint,
} from "../../shared/receipts/round-lines.ts";
import type { CodeReference } from "./core/run-effects.ts";
import type { RunProduct } from "./core/run-events.ts";
import type { HeldArrays, NamedArrays } from "./engine/kind-numerics.ts";

/** Lines up to an iteration, and the arrays after it. */
export interface TraceSegment {
  readonly iteration: number;
  /** Hashes of blobs. */
  readonly rounds: string;
  readonly arrays: string;
}

/** A product that went into a round. */
export interface TakenProduct {
  readonly shardIndex: number;
  readonly volunteerId: string;
  readonly sha256: string;
  readonly signed: ProductSignature | null;
}

export class RunTrace {
  /** What is durable, or is being written. */
  #segments: readonly TraceSegment[];
  readonly #codes = new Map<number, CodeReference>();
  readonly #taken = new Map<RunProduct, readonly RoundProduct[]>();
  readonly #lines = new Map<number, string>();
  readonly #inTurn = createTurnQueue();

  constructor(segments: readonly TraceSegment[]) {
    this.#segments = segments;
  }

  get segments(): readonly TraceSegment[] {
    return this.#segments;
  }

  code(code: CodeReference): void {
    this.#codes.set(code.generation, code);
  }

  /** A round was decoded from these. One that is asked anew takes the place of an earlier one of the same iteration. */
  decoded(product: RunProduct, generation: number, taken: readonly TakenProduct[]): void {
    const code = this.#codes.get(generation);
    if (code === undefined) throw new Error(`RunTrace: expected a generation that was encoded, got ${generation}`);
    const { blockCount, maskCount } = code;
    const products = taken.map((one) => ({ product, blockCount, maskCount, ...one }));
    this.#taken.set(
      product,
      products.sort((a, b) => a.shardIndex - b.shardIndex),
    );
  }

  /** @param digests of the arrays after the update, by name. @param iteration counts updates from 1 */
  updated(iteration: number, digests: Readonly<Record<string, string>>): void {
    const products = (["forward", "backward"] as const).flatMap((product) => this.#taken.get(product) ?? []);
    this.#taken.clear();
    this.#lines.set(iteration, roundLine({ iteration, arrays: Object.entries(digests).sort(byName), products }));
  }

  /**
   * Writes what a checkpoint makes durable. Asked again for the same iteration it writes nothing anew.
   * @returns what the job's record is to name
   */
  written(held: HeldArrays, putBlob: (bytes: Uint8Array) => Promise<string>): Promise<readonly TraceSegment[]> {
    return this.#inTurn(() => this.#write(held, putBlob));
  }

  async #write(
    { iteration, arrays }: HeldArrays,
    putBlob: (bytes: Uint8Array) => Promise<string>,
  ): Promise<readonly TraceSegment[]> {
    const from = this.#segments.at(-1)?.iteration ?? 0;
    const numbers = Array.from({ length: Math.max(0, iteration - from) }, (_, i) => from + 1 + i);
    const lines = numbers.map((number) => this.#lines.get(number));
    // A job that went on from a checkpoint of before rounds were kept has none of the first ones; nor has a kind without updates.
    if (lines.length === 0 || lines.some((line) => line === undefined)) return this.#segments;
    const segment = {
      iteration,
      rounds: await putBlob(utf8(lines.map((line) => `${line}\n`).join(""))),
      arrays: await putBlob(writeCheckpoint({ iteration, bytes: bytesOf(arrays) })),
    };
    this.#segments = [...this.#segments, segment];
    for (const number of numbers) this.#lines.delete(number);
    return this.#segments;
  }
}

/** One after the other, in the order of their names. */
function bytesOf(arrays: NamedArrays): Uint8Array {
  const parts = Object.entries(arrays).sort(byName);
  const all = new Float64Array(parts.reduce((sum, [, values]) => sum + values.length, 0));
  let at = 0;
  for (const [, values] of parts) {
    all.set(values, at);
    at += values.length;
  }
  return new Uint8Array(all.buffer);
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}
