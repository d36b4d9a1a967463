/** A small text model made in place: words by their places in a vocabulary, which of them count, and in which sentence they stand. */
import { node, noise, weight } from "./operator-case.ts";
import { type SmallOnnx, smallOnnx } from "./small-onnx.ts";

export const VOCABULARY = 50;
export const WIDTH = 6;

const long = { dtype: "int64", shape: ["batch_size", "sequence_length"] } as const;

/** @returns an .onnx file as exporters write it: three inputs of int64 with a free batch and length, [batch, WIDTH] out */
export function textModel(changed: Partial<SmallOnnx> = {}): Uint8Array<ArrayBuffer> {
  return smallOnnx({ ...textModelParts(), ...changed });
}

/** What it is made of, for models that differ from it. */
export function textModelParts() {
  return {
    inputs: ["input_ids", "attention_mask", "token_type_ids"].map((name) => ({ name, ...long })),
    outputs: ["sentence"],
    nodes: [
      node("Gather", ["words", "input_ids"], {}, ["w"]),
      node("Gather", ["types", "token_type_ids"], {}, ["t"]),
      node("Add", ["w", "t"], {}, ["tokens"]),
      node("MatMul", ["tokens", "kernel"], {}, ["hidden"]),
      node("Tanh", ["hidden"], {}, ["states"]),
      node("Cast", ["attention_mask"], { to: { i: 1 } }, ["m"]),
      node("Unsqueeze", ["m", "last"], {}, ["mask"]),
      node("Mul", ["states", "mask"], {}, ["counted"]),
      node("ReduceSum", ["counted", "places"], { keepdims: { i: 0 } }, ["sum"]),
      node("ReduceSum", ["mask", "places"], { keepdims: { i: 0 } }, ["count"]),
      node("Div", ["sum", "count"], {}, ["sentence"]),
    ],
    integers: {
      last: { dtype: "int64", shape: [1], values: [-1] },
      places: { dtype: "int64", shape: [1], values: [1] },
    },
    weights: [
      { name: "words", shape: [VOCABULARY, WIDTH], values: noise(VOCABULARY * WIDTH, 3) },
      { name: "types", shape: [2, WIDTH], values: noise(2 * WIDTH, 4) },
      weight("kernel", WIDTH, WIDTH),
    ],
  } satisfies SmallOnnx;
}

/** Sentences of that length: ids, the mask and the types of each, one after the other, as a row has them. */
export function textRows(count: number, length: number): Float32Array {
  const rows = new Float32Array(count * 3 * length);
  for (let r = 0; r < count; r++) {
    const words = 2 + ((r * 7) % (length - 1));
    for (let i = 0; i < words; i++) {
      rows[r * 3 * length + i] = 1 + ((r * 31 + i * 17) % (VOCABULARY - 1));
      rows[r * 3 * length + length + i] = 1;
      rows[r * 3 * length + 2 * length + i] = i > words / 2 ? 1 : 0;
    }
  }
  return rows;
}
