/** Some of a job's queries as they were submitted, for whoever submitted them to look at beside their answers. */
import { QUERIES_HELD_BYTES_MAX } from "../../../shared/protocol/limits.ts";
import { encodeNpy, type NpyArray, parseNpy } from "../../../shared/protocol/npy.ts";
import { sha256Hex } from "../../sha256-hex.ts";
import type { Store } from "../../store/store.ts";
import { readFileRows } from "./engine/query-file.ts";
import { inPieces } from "./in-pieces.ts";
import type { StoredJob } from "./records.ts";
import { storedQueryFile } from "./stored-query-file.ts";

/** Of the latest job that was looked at: its pages come one after the other. */
const HELD_BYTES_MAX = 64 * 1024 * 1024;

type QueryStore = Pick<Store, "getBlob" | "pieces" | "blobFile" | "blobBytes">;

export class SubmittedQueries {
  readonly #store: QueryStore;
  readonly #readRows: typeof readFileRows;
  #held: { readonly sha256: string; readonly array: NpyArray } | null = null;

  constructor(store: QueryStore, readRows = readFileRows) {
    this.#store = store;
    this.#readRows = readRows;
  }

  /**
   * @param asked each below the job's queryCount
   * @returns their rows in that order, shape (indices, …input shape); null: they are not kept any more
   */
  async rows(
    job: Pick<StoredJob, "jobId" | "queriesSha256" | "inputSize" | "part">,
    asked: readonly number[],
  ): Promise<NpyArray | null> {
    const { queriesSha256, part } = job;
    const indices = part === undefined ? asked : asked.map((query) => part.firstQuery + query);
    const rows = queriesSha256 === null ? null : await this.#rowsInFile(queriesSha256, indices);
    if (rows !== null) return rows;
    const array = queriesSha256 === null ? await this.#posted(job) : await this.#array(queriesSha256);
    if (array === null) return null;
    const [, ...inputShape] = array.shape;
    const size = inputShape.reduce((product, n) => product * n, 1);
    const shape = [indices.length, ...inputShape];
    if (array.dtype === "U8") {
      const data = new Uint8Array(indices.length * size);
      for (const [place, query] of indices.entries()) {
        data.set(array.data.subarray(query * size, (query + 1) * size), place * size);
      }
      return { dtype: "U8", shape, data };
    }
    const data = new Float32Array(indices.length * size);
    for (const [place, query] of indices.entries()) {
      for (let i = 0; i < size; i++) data[place * size + i] = Number(array.data[query * size + i]);
    }
    return { dtype: "F32", shape, data };
  }

  /** [LJ1] null: it is small enough to be read whole, or has to be. */
  async #rowsInFile(sha256: string, indices: readonly number[]): Promise<NpyArray | null> {
    if (((await this.#store.blobBytes(sha256)) ?? 0) <= QUERIES_HELD_BYTES_MAX) return null;
    const stored = await storedQueryFile(this.#store, sha256);
    if (stored === null) return null;
    const [, ...inputShape] = stored.shape;
    const size = inputShape.reduce((product, n) => product * n, 1);
    const length = indices.length * size;
    const data = stored.values.dtype === "U8" ? new Uint8Array(length) : new Float32Array(length);
    await inPieces(indices.length, size, (start, end) =>
      data.set(this.#readRows(stored.values, size, Uint32Array.from(indices.slice(start, end))), start * size),
    );
    const shape = [indices.length, ...inputShape];
    return data instanceof Uint8Array ? { dtype: "U8", shape, data } : { dtype: "F32", shape, data };
  }

  /** Of a stream: everything that was posted. null: nothing, or not any more. */
  async #posted({ jobId, inputSize }: Pick<StoredJob, "jobId" | "inputSize">): Promise<NpyArray | null> {
    const pieces = await this.#store.pieces(jobId);
    const [first] = pieces;
    if (first === undefined) return null;
    const count = pieces.reduce((sum, { queryCount }) => sum + queryCount, 0);
    const shape = [count, inputSize];
    const isBytes = first.values instanceof Uint8Array;
    const data = isBytes ? new Uint8Array(count * inputSize) : new Float32Array(count * inputSize);
    for (const { firstQuery, values } of pieces) data.set(values, firstQuery * inputSize);
    return isBytes
      ? { dtype: "U8", shape, data: data as Uint8Array }
      : { dtype: "F32", shape, data: data as Float32Array };
  }

  /** Of a stream: the hash of all that was posted, as one `.npy` file; null: nothing, or not kept any more. */
  async sha256OfPosted(job: Pick<StoredJob, "jobId" | "inputSize">): Promise<string | null> {
    const array = await this.#posted(job);
    return array === null ? null : sha256Hex(encodeNpy(array));
  }

  async #array(sha256: string): Promise<NpyArray | null> {
    if (this.#held?.sha256 === sha256) return this.#held.array;
    const bytes = await this.#store.getBlob(sha256);
    if (bytes === null) return null;
    const array = parseNpy(bytes);
    this.#held = bytes.length <= HELD_BYTES_MAX ? { sha256, array } : null;
    return array;
  }
}
