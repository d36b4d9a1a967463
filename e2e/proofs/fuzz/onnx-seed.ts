/** A small ONNX file for the fuzzer to spoil: a convolution, a shape that is computed with, a product, an activation. */
import { smallOnnx } from "../../../shared/compute/runtimes/onnx/testing/small-onnx.ts";

const values = (count: number) => Float32Array.from({ length: count }, (_, i) => (i % 7) / 8);

export function onnxSeed(): Uint8Array {
  const whole = (...list: number[]) => ({ is: list });
  return smallOnnx({
    input: { name: "image", shape: [-1, 1, 4, 4] },
    outputs: ["label"],
    nodes: [
      {
        op: "Conv",
        inputs: ["image", "kernel", "bias"],
        outputs: ["mixed"],
        attributes: { kernel_shape: whole(3, 3), pads: whole(1, 1, 1, 1), strides: whole(2, 2) },
      },
      { op: "Relu", inputs: ["mixed"], outputs: ["positive"], attributes: {} },
      { op: "Reshape", inputs: ["positive", "flat"], outputs: ["row"], attributes: {} },
      {
        op: "Gemm",
        inputs: ["row", "weights"],
        outputs: ["sums"],
        attributes: { alpha: { f: 0.5 }, transB: { i: 1 } },
      },
      { op: "Softmax", inputs: ["sums"], outputs: ["label"], attributes: { axis: { i: 1 } } },
    ],
    integers: { flat: { dtype: "int64", shape: [2], values: [0, -1] } },
    weights: [
      { name: "kernel", shape: [2, 1, 3, 3], values: values(18) },
      { name: "bias", shape: [2], values: values(2) },
      { name: "weights", shape: [3, 8], values: values(24) },
    ],
  });
}
