/** Queries as they come in the body of a POST to a stream: one `.npy` file, or a line of JSON for each. */
import { jsonDepth } from "../../../../shared/compute/model-json.ts";
import { SUBMISSION_DEPTH_MAX } from "../../../../shared/protocol/limits.ts";
import { type NpyArray, NpyError, parseNpy } from "../../../../shared/protocol/npy.ts";
import { ApiFailure } from "../../../web/api-failure.ts";
import type { PostedQuery } from "../port.ts";
import { queryValues } from "../query-values.ts";

/**
 * An array of the model's input alone is one query; else its first dimension counts queries.
 * @param inputSize numbers of one query
 * @throws ApiFailure where it is no `.npy` file of numbers
 */
export function queriesOfNpy(bytes: Uint8Array, inputSize: number): PostedQuery[] {
  const array = parsed(bytes);
  const { shape } = array;
  // Float64 is looked at by whoever takes it: what float32 cannot hold is told there.
  const values = array.data instanceof Float64Array ? array.data : queryValues(array);
  if (typeof values === "string") throw new ApiFailure(422, "wrong-dtype", values);
  const count = values.length === inputSize ? 1 : (shape[0] ?? 0);
  if (values.length === 0 || count === 0) {
    throw new ApiFailure(400, "bad-tensor", `npy: expected at least one query, got shape (${shape.join(", ")})`);
  }
  const size = values.length / count;
  return Array.from({ length: count }, (_, i) => ({ values: values.subarray(i * size, (i + 1) * size) }));
}

function parsed(bytes: Uint8Array): NpyArray {
  try {
    return parseNpy(bytes);
  } catch (error) {
    if (error instanceof NpyError) throw new ApiFailure(400, "bad-tensor", error.message);
    throw error;
  }
}

/** One query a line, as an array of numbers, flat or in the shape of the model's input. Empty lines are none. */
export function queriesOfLines(text: string): PostedQuery[] {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  if (lines.length === 0)
    throw new ApiFailure(400, "bad-request", "body: expected a line of JSON for each query, got none");
  return lines.map(queryOfLine);
}

function queryOfLine(line: string): PostedQuery {
  if (jsonDepth(new TextEncoder().encode(line)) > SUBMISSION_DEPTH_MAX) {
    return { problem: `expected at most ${SUBMISSION_DEPTH_MAX} levels of nesting, got more` };
  }
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return { problem: "expected a line of JSON, got something else" };
  }
  if (!Array.isArray(value)) return { problem: "expected an array of numbers, got something else" };
  const values: unknown[] = value.flat(SUBMISSION_DEPTH_MAX);
  const strange = values.findIndex((entry) => typeof entry !== "number");
  if (strange >= 0)
    return { problem: `expected numbers, got ${JSON.stringify(values[strange]).slice(0, 40)} at place ${strange}` };
  return { values: values as number[] };
}
