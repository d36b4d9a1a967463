/** Small ONNX files made in place, for tests and benches: a topology and its weights, as an exporter would have written them. */
import type { WeightDtype, WeightSpec } from "../../../model-bundle.ts";
import { FREE, type OnnxTopology } from "../onnx-topology.ts";
import { type DeclaredInput, writeOnnx } from "../write-onnx.ts";

export interface SmallOnnx extends Omit<OnnxTopology, "opset" | "integers" | "input" | "inputs"> {
  /** One of float32. */
  readonly input?: OnnxTopology["input"];
  /** In its place: any. */
  readonly inputs?: readonly DeclaredInput[];
  readonly opset?: number;
  readonly integers?: OnnxTopology["integers"];
  readonly weights: readonly {
    readonly name: string;
    readonly shape: readonly number[];
    readonly values: Float32Array | Float64Array | Uint8Array | Int8Array | Int32Array | BigInt64Array | Uint16Array;
    /** float32 unless it says otherwise; of float16 the bits. */
    readonly dtype?: WeightDtype;
  }[];
}

/** @returns the bytes of an .onnx file. What is wrong with it is found when it is read, not here. */
export function smallOnnx(model: SmallOnnx): Uint8Array<ArrayBuffer> {
  const { weights, opset = 17, integers = {}, inputs, input = { name: "x", shape: [FREE, 1] }, ...rest } = model;
  const modelTopology = { ...rest, input, opset, integers };
  const weightSpecs = weights.map(({ name, shape, dtype = "float32" }): WeightSpec => ({ name, shape, dtype }));
  const weightData = new Uint8Array(weights.reduce((size, { values }) => size + values.byteLength, 0));
  weights.reduce((at, { values }) => {
    weightData.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at);
    return at + values.byteLength;
  }, 0);
  return writeOnnx({ format: "onnx", modelTopology, weightSpecs, weightData, signature: null }, inputs);
}
