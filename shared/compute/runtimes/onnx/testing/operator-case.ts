/** What a test of an operator says: a small graph, and the shape that one query gets of it. */
import { hashNoise } from "../../../hash-noise.ts";
import type { IntegerTensor, OnnxAttribute, OnnxNodeFacts } from "../onnx-topology.ts";
import type { SmallOnnx } from "./small-onnx.ts";

export interface OperatorCase extends Partial<SmallOnnx> {
  /** One query; IMAGE unless it says otherwise. */
  readonly shape?: readonly number[];
  readonly nodes: readonly OnnxNodeFacts[];
  readonly output: readonly number[];
  readonly macs?: number;
}

export type Attributes = Record<string, OnnxAttribute>;

export const IMAGE = [4, 6, 5];

export const noise = (length: number, seed = 1) =>
  Float32Array.from({ length }, (_, i) => 0.6 + 0.5 * hashNoise(seed, i));

export const weight = (name: string, ...shape: number[]) => ({
  name,
  shape,
  values: noise(
    shape.reduce((a, b) => a * b, 1),
    name.length,
  ),
});

export const floats = (name: string, ...values: number[]) => ({
  name,
  shape: [values.length],
  values: Float32Array.from(values),
});
export const single = (name: string, value: number) => ({ name, shape: [], values: Float32Array.of(value) });

/** Whole numbers of one byte, spread over their range. */
export function bytes(name: string, dtype: "int8" | "uint8", ...shape: number[]) {
  const size = shape.reduce((a, b) => a * b, 1);
  const values = Uint8Array.from({ length: size }, (_, i) => (i * 37 + 11) % 251);
  return { name, shape, dtype, values };
}
export const zero = (name: string, dtype: "int8" | "uint8", value = 0) => ({
  name,
  shape: [],
  dtype,
  values: Uint8Array.of(value),
});

export const long = (...values: number[]): IntegerTensor => ({ dtype: "int64", shape: [values.length], values });
export const oneLong = (value: number): IntegerTensor => ({ dtype: "int64", shape: [], values: [value] });
export const is = (...values: number[]): OnnxAttribute => ({ is: values });

export function node(
  op: string,
  inputs: string[],
  attributes: Attributes = {},
  outputs: string[] = ["y"],
): OnnxNodeFacts {
  return { op, inputs, outputs, attributes };
}

export function fused(op: string, inputs: string[], attributes: Attributes = {}, outputs = ["y"]): OnnxNodeFacts {
  return { op, domain: "com.microsoft", inputs, outputs, attributes };
}

/** To a byte and back. */
export const toByte = (from: string, to: string) => node("QuantizeLinear", [from, "s", "z"], {}, [to]);
export const fromByte = (from: string, to = "y") => node("DequantizeLinear", [from, "s", "z"], {}, [to]);
/** Their scale and zero point. */
export const SCALE = [single("s", 1 / 128), zero("z", "uint8", 3)];
