/** Arrays that were uploaded one for each input of a model: the rows of a job, each its inputs one after the other. */
import type { QueryNumbers } from "../../../shared/coding/query-numbers.ts";
import type { ModelInput } from "../../../shared/compute/model-runtime.ts";
import { QUERIES_PER_JOB_MAX, TENSOR_BYTES_MAX } from "../../../shared/protocol/limits.ts";
import { encodeNpy, type NpyArray, parseNpy } from "../../../shared/protocol/npy.ts";
import { SubmissionError, storedBlob } from "../../shell/submission-error.ts";
import type { Store } from "../../store/store.ts";
import { inPieces } from "./in-pieces.ts";
import { queryValues } from "./query-values.ts";
import { sizeOfInput } from "./whole-numbers.ts";

interface Part {
  readonly width: number;
  readonly count: number;
  readonly values: QueryNumbers;
}

/**
 * @param named hashes of uploaded `.npy` files, by the names of inputs
 * @returns the hash of one `.npy` file of the rows, n x D, of the smallest type that holds them all
 * @throws SubmissionError where an input has no array, or one of another shape
 */
export async function joinedQueries(
  store: Store,
  named: Readonly<Record<string, string>>,
  inputs: readonly ModelInput[],
): Promise<string> {
  requireNames(Object.keys(named), inputs);
  const parts: Part[] = [];
  for (const input of inputs) {
    parts.push(partOf(parseNpy(await storedBlob(store, named[input.name]!, "tensor")), input));
  }
  const count = parts[0]!.count;
  const other = parts.findIndex((part) => part.count !== count);
  if (other >= 0) {
    const message = `queries: expected as many for each input, got ${count} of '${inputs[0]!.name}' and ${parts[other]!.count} of '${inputs[other]!.name}'`;
    throw new SubmissionError(422, "wrong-shape", message);
  }
  return store.putBlob(encodeNpy(await joined(parts, count)));
}

function requireNames(given: readonly string[], inputs: readonly ModelInput[]): void {
  const names = inputs.map(({ name }) => name);
  if (given.length === names.length && names.every((name) => given.includes(name))) return;
  const message = `queriesSha256: expected an array for each input of the model (${listOf(names)}), got ${listOf(given)}`;
  throw new SubmissionError(422, "wrong-inputs", message);
}

function partOf(array: NpyArray, input: ModelInput): Part {
  const [count = 0, ...rest] = array.shape;
  const width = sizeOfInput(input);
  const fits = rest.length === 0 ? input.shape.length === 0 : rest.reduce((size, n) => size * n, 1) === width;
  if (!fits || array.shape.length === 0) {
    const expected = `(n${input.shape.map((length) => `, ${length}`).join("")})`;
    const message = `queries of input '${input.name}': expected shape ${expected}, got (${array.shape.join(", ")})`;
    throw new SubmissionError(422, "wrong-shape", message);
  }
  if (count > QUERIES_PER_JOB_MAX) {
    throw new SubmissionError(422, "too-many-queries", `expected at most ${QUERIES_PER_JOB_MAX} queries, got ${count}`);
  }
  const values = array.dtype === "U16" ? array.data : queryValues(array);
  if (typeof values === "string") throw new SubmissionError(422, "wrong-dtype", `input '${input.name}': ${values}`);
  return { width, count, values };
}

/** n x D, row by row. */
async function joined(parts: readonly Part[], count: number): Promise<NpyArray> {
  const width = parts.reduce((sum, part) => sum + part.width, 0);
  const shape = [count, width];
  const most = await largestOf(parts);
  const bytes = count * width * (most <= 255 ? 1 : most <= 65_535 ? 2 : 4);
  if (bytes > TENSOR_BYTES_MAX) {
    const message = `queries: expected at most ${TENSOR_BYTES_MAX} bytes of all inputs together, got ${bytes}; split the job`;
    throw new SubmissionError(422, "queries-too-large", message);
  }
  const size = count * width;
  if (most <= 255) return { dtype: "U8", shape, data: await filled(new Uint8Array(size), parts, width) };
  if (most <= 65_535) return { dtype: "U16", shape, data: await filled(new Uint16Array(size), parts, width) };
  return { dtype: "F32", shape, data: await filled(new Float32Array(size), parts, width) };
}

/** Of numbers that are all whole and none below 0 the largest; else infinity. */
async function largestOf(parts: readonly Part[]): Promise<number> {
  let most = 0;
  for (const { values, width, count } of parts) {
    // Bytes are what they are.
    if (values instanceof Uint8Array) most = Math.max(most, 255);
    else {
      await inPieces(count, width, (start, end) => {
        for (let i = start * width; i < end * width; i++) {
          const value = values[i]!;
          if (!Number.isInteger(value) || value < 0 || Object.is(value, -0)) most = Number.POSITIVE_INFINITY;
          else if (value > most) most = value;
        }
        return most === Number.POSITIVE_INFINITY;
      });
    }
  }
  return most;
}

async function filled<A extends QueryNumbers>(rows: A, parts: readonly Part[], width: number): Promise<A> {
  let offset = 0;
  for (const { values, width: own, count } of parts) {
    const place = offset;
    await inPieces(count, own, (start, end) => {
      for (let row = start; row < end; row++) {
        for (let i = 0, from = row * own, to = row * width + place; i < own; i++) rows[to++] = values[from++]!;
      }
    });
    offset += own;
  }
  return rows;
}

const listOf = (names: readonly string[]): string => names.map((name) => `'${name.slice(0, 80)}'`).join(", ") || "none";
