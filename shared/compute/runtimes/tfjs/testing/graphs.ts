/** Graph models of a few nodes and weights, as files of tfjs are. */
import { hashNoise } from "../../../hash-noise.ts";
import { packTfjs } from "../pack-tfjs.ts";

export interface Weight {
  readonly name: string;
  readonly shape: readonly number[];
  /** int32; otherwise float32 noise. */
  readonly values?: readonly number[];
  /** float32 as bytes: value = byte / 64 - 2 */
  readonly isQuantized?: boolean;
  /** One float32. */
  readonly float?: number;
  /** float32, these. */
  readonly floats?: readonly number[];
}
export interface Node {
  readonly name: string;
  readonly op: string;
  readonly input?: readonly string[];
  readonly attr?: object;
}

export const base64 = (text: string): string => btoa(text);
export const four = (rows: number, columns: number) => ({ list: { i: ["1", String(rows), String(columns), "1"] } });
export const i = (value: number) => ({ i: String(value) });
export const ints = (name: string, ...values: number[]): Weight => ({ name, shape: [values.length], values });
export const int = (name: string, value: number): Weight => ({ name, shape: [], values: [value] });
export const node = (name: string, op: string, input: readonly string[], attr: object = {}): Node => ({
  name,
  op,
  input,
  attr,
});
export const out = (op: string, input: readonly string[], attr: object = {}): Node => node("out", op, input, attr);

export function graph(
  shape: readonly number[],
  nodes: readonly Node[],
  weights: readonly Weight[],
  batch = -1,
): Uint8Array {
  const dim = [batch, ...shape].map((size) => ({ size: String(size) }));
  const x = { name: "x", op: "Placeholder", attr: { dtype: { type: "DT_FLOAT" }, shape: { shape: { dim } } } };
  const specs = weights.map(({ name, shape, values, isQuantized }) => ({
    name,
    shape,
    dtype: values ? "int32" : "float32",
    ...(isQuantized ? { quantization: { dtype: "uint8", scale: 1 / 64, min: -2 } } : {}),
  }));
  const json = {
    format: "graph-model",
    modelTopology: {
      node: [x, ...nodes, ...weights.map(({ name }) => ({ name, op: "Const" }))],
      library: {},
      versions: {},
    },
    weightsManifest: [{ paths: ["w"], weights: specs }],
  };
  const bytes = Uint8Array.from(weights.flatMap((weight) => [...new Uint8Array(bytesOf(weight))]));
  return packTfjs(new TextEncoder().encode(JSON.stringify(json)), [{ name: "w", bytes }]);
}

function bytesOf({ shape, values, isQuantized, float, floats }: Weight): ArrayBuffer {
  if (floats !== undefined) return Float32Array.from(floats).buffer;
  if (float !== undefined) return Float32Array.of(float).buffer;
  const size = shape.reduce((a, b) => a * b, 1);
  if (values) return Int32Array.from(values).buffer;
  if (isQuantized) return Uint8Array.from({ length: size }, (_, at) => (at * 37) % 256).buffer;
  return Float32Array.from({ length: size }, (_, at) => hashNoise(31, at)).buffer;
}
