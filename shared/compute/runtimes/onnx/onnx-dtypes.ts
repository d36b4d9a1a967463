/** Kinds of numbers in an ONNX graph: as a file stores them, and as they are computed with. */
import { DTYPE_BYTES, type WeightDtype } from "../../model-bundle.ts";
import type { ComputedDtype } from "../../tensors/batched-tensor.ts";

/** TensorProto.DataType by its number. */
const DATA_TYPES = [
  ..."undefined float32 uint8 int8 uint16 int16 int32 int64 text bool float16 float64 uint32 uint64".split(" "),
  ..."complex64 complex128 bfloat16 float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz uint4 int4".split(" "),
];

export function dataTypeName(type: number): string {
  return DATA_TYPES[type] ?? `type ${type}`;
}

export const DATA_TYPE_NUMBERS = Object.fromEntries(DATA_TYPES.map((name, number) => [name, number])) as Readonly<
  Record<WeightDtype | "bfloat16", number>
>;

/** @returns null for what no tensor may hold here */
export function weightDtype(type: number): WeightDtype | "bfloat16" | null {
  const name = dataTypeName(type);
  return name === "bfloat16" || Object.hasOwn(DTYPE_BYTES, name) ? (name as WeightDtype) : null;
}

/** @returns null for what no tensor may hold here */
export function computedDtype(type: number): ComputedDtype | null {
  const stored = weightDtype(type);
  return stored === "float16" || stored === "bfloat16" ? "float32" : stored;
}

export type HalfKind = "float16" | "bfloat16";

/** @returns null where it is none of half precision */
export function halfKind(type: number): HalfKind | null {
  const name = dataTypeName(type);
  return name === "float16" || name === "bfloat16" ? name : null;
}

/** A float that JSON has no number for. */
export type JsonFloat = number | "Infinity" | "-Infinity" | "-0";

export function toJsonFloat(value: number): JsonFloat {
  if (Object.is(value, -0)) return "-0";
  return Number.isFinite(value) ? value : value > 0 ? "Infinity" : "-Infinity";
}

/** @returns null where it is neither */
export function fromJsonFloat(value: unknown): number | null {
  if (value === "Infinity" || value === "-Infinity" || value === "-0") return Number(value);
  return typeof value === "number" ? value : null;
}
