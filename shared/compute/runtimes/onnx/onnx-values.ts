/**
 * Inputs that are the same for every row, as whoever submits a model says them: a sample rate, a state of zeros; a file beside the model,
 * { "sr": 16000, "state": 0 }. They become constants of the graph, and no part of a row.
 */
import { MODEL_ACTIVATION_SIZE_MAX } from "../../../protocol/limits.ts";
import { checkedSize } from "../../checked-size.ts";
import { asArray, fail, parseModelJson } from "../../model-json.ts";
import { type ComputedDtype, isFloat } from "../../tensors/batched-tensor.ts";
import { wholeEnds } from "../../tensors/sure-numbers.ts";
import { INPUT_VALUES_FILE, type SourceFile } from "../runtime-description.ts";
import type { FileTensor } from "./read-onnx.ts";

/** By the name of an input: one number for all of it, or all its numbers, row-major. */
export type InputValues = ReadonlyMap<string, number | readonly number[]>;

/** @throws ModelError where it is no such file */
export function readInputValues({ bytes }: Pick<SourceFile, "bytes">): InputValues {
  const entries = Object.entries(parseModelJson(bytes, INPUT_VALUES_FILE));
  return new Map(
    entries.map(([name, value]): [string, number | readonly number[]] => {
      const what = `${INPUT_VALUES_FILE}: '${name.slice(0, 80)}'`;
      const isNumber = (one: unknown): one is number => typeof one === "number" && Number.isFinite(one);
      if (isNumber(value)) return [name, value];
      const list = asArray(value, what);
      return [name, list.every(isNumber) ? list : fail(what, "a number or numbers", value)];
    }),
  );
}

/** @throws ModelError where they are not as many as the shape wants, or that type holds no such number */
export function constantInput(
  name: string,
  shape: readonly number[],
  dtype: ComputedDtype,
  said: number | readonly number[],
): FileTensor {
  const what = `value of input '${name}'`;
  const size = checkedSize(shape, MODEL_ACTIVATION_SIZE_MAX, what);
  const given = typeof said === "number" ? [said] : said;
  if (typeof said !== "number" && said.length !== size) fail(what, `one number, or ${size}`, `${said.length} numbers`);
  if (!isFloat(dtype)) {
    const [least, most] = wholeEnds(dtype);
    const other = given.find((one) => !Number.isInteger(one) || one < least || one > most);
    if (other !== undefined) fail(what, `whole numbers from ${least} to ${most}`, other);
  }
  const values = typeof said === "number" ? new Array<number>(size).fill(said) : said;
  const array = arrayOf(dtype, values);
  return { name, shape, dtype, bytes: new Uint8Array(array.buffer) };
}

function arrayOf(dtype: ComputedDtype, values: readonly number[]) {
  switch (dtype) {
    case "float32":
      return Float32Array.from(values);
    case "float64":
      return Float64Array.from(values);
    case "int64":
      return BigInt64Array.from(values, BigInt);
    case "uint64":
      return BigUint64Array.from(values, BigInt);
    case "int32":
      return Int32Array.from(values);
    case "uint32":
      return Uint32Array.from(values);
    case "int16":
      return Int16Array.from(values);
    case "uint16":
      return Uint16Array.from(values);
    case "int8":
      return Int8Array.from(values);
    case "uint8":
    case "bool":
      return Uint8Array.from(values);
  }
}
