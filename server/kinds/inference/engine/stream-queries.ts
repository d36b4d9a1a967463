/** The queries of a stream: rows in shared memory that grows, so that worker threads read them without copying. */
import type { ModelInput } from "../../../../shared/compute/model-runtime.ts";
import type { QuerySource } from "./query-source.ts";

const ROWS_FIRST = 64;

export class StreamQueries implements QuerySource {
  /** Rows beyond `count` are room. */
  values: Float32Array | Uint8Array;
  readonly inputSize: number;
  readonly scale: number;
  readonly inputs: readonly ModelInput[] | undefined;
  #count = 0;

  constructor(
    inputSize: number,
    scale: number,
    dtype: "float32" | "uint8",
    inputs: readonly ModelInput[] | undefined = undefined,
  ) {
    this.inputs = inputs;
    this.inputSize = inputSize;
    this.scale = scale;
    this.values = dtype === "uint8" ? new Uint8Array(sharedBytes(0)) : new Float32Array(sharedBytes(0));
  }

  get count(): number {
    return this.#count;
  }

  /** @param rows n x inputSize @returns the number of the first */
  append(rows: ArrayLike<number>): number {
    const first = this.#count;
    const end = (first * this.inputSize + rows.length) / this.inputSize;
    if (!Number.isInteger(end))
      throw new RangeError(`StreamQueries: expected rows of ${this.inputSize}, got ${rows.length}`);
    this.#makeRoom(end);
    this.values.set(rows, first * this.inputSize);
    this.#count = end;
    return first;
  }

  /** What came last is taken back. */
  truncate(count: number): void {
    this.#count = Math.min(this.#count, count);
  }

  /** A view of them, not a copy. */
  rows(first: number, count: number): Float32Array | Uint8Array {
    return this.values.subarray(first * this.inputSize, (first + count) * this.inputSize);
  }

  #makeRoom(rows: number): void {
    if (rows * this.inputSize <= this.values.length) return;
    const length = Math.max(ROWS_FIRST, rows, 2 * this.#count) * this.inputSize;
    const old = this.values;
    this.values =
      old instanceof Uint8Array ? new Uint8Array(sharedBytes(length)) : new Float32Array(sharedBytes(length * 4));
    this.values.set(old.subarray(0, this.#count * this.inputSize));
  }
}

function sharedBytes(length: number): SharedArrayBuffer {
  return new SharedArrayBuffer(length);
}
