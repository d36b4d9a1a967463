/** Queries as they come in the body of a POST to a stream: one `.npy` file, or a line of JSON for each. */

import { jsonDepth } from "../../../../shared/compute/model-json.ts";
import type { ModelInput } from "../../../../shared/compute/model-runtime.ts";
import { SUBMISSION_DEPTH_MAX } from "../../../../shared/protocol/limits.ts";
import { type NpyArray, NpyError, parseNpy } from "../../../../shared/protocol/npy.ts";
import { ApiFailure } from "../../../web/api-failure.ts";
import type { PostedQuery } from "../port.ts";
import { queryValues } from "../query-values.ts";
import { sizeOfInput } from "../whole-numbers.ts";

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

/**
 * One query a line, as an array of numbers, flat or in the shape of the model's input; or as an object of such arrays. Empty lines are
 * none.
 * @param inputs by whose names such an object is read, in this order
 */
export function queriesOfLines(text: string, inputs: readonly ModelInput[] = []): PostedQuery[] {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  if (lines.length === 0)
    throw new ApiFailure(400, "bad-request", "body: expected a line of JSON for each query, got none");
  return lines.map((line) => queryOfLine(line, inputs));
}

function queryOfLine(line: string, inputs: readonly ModelInput[]): PostedQuery {
  if (jsonDepth(new TextEncoder().encode(line)) > SUBMISSION_DEPTH_MAX) {
    return { problem: `expected at most ${SUBMISSION_DEPTH_MAX} levels of nesting, got more` };
  }
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return { problem: "expected a line of JSON, got something else" };
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value) && inputs.length > 0) {
    return queryOfInputs(value as Readonly<Record<string, unknown>>, inputs);
  }
  if (!Array.isArray(value)) return { problem: "expected an array of numbers, got something else" };
  return queryOfNumbers(value.flat(SUBMISSION_DEPTH_MAX));
}

/** Each input flattened, one after the other. */
function queryOfInputs(named: Readonly<Record<string, unknown>>, inputs: readonly ModelInput[]): PostedQuery {
  const names = inputs.map(({ name }) => name);
  const given = Object.keys(named);
  if (given.length !== names.length || names.some((name) => !Object.hasOwn(named, name))) {
    return { problem: `expected the inputs ${names.join(", ")}, got ${given.join(", ").slice(0, 200) || "none"}` };
  }
  const all: unknown[] = [];
  for (const input of inputs) {
    const values = [named[input.name]].flat(SUBMISSION_DEPTH_MAX);
    const size = sizeOfInput(input);
    if (values.length !== size)
      return { problem: `input '${input.name}': expected ${size} numbers, got ${values.length}` };
    for (const entry of values) all.push(typeof entry === "boolean" ? Number(entry) : entry);
  }
  return queryOfNumbers(all);
}

function queryOfNumbers(values: readonly unknown[]): PostedQuery {
  const strange = values.findIndex((entry) => typeof entry !== "number");
  if (strange >= 0)
    return { problem: `expected numbers, got ${JSON.stringify(values[strange]).slice(0, 40)} at place ${strange}` };
  return { values: values as number[] };
}
