import { type ContractModels, LAYERS } from "../../testing/contract-networks.ts";
import { packOnnx } from "../pack-onnx.ts";
import { smallOnnx } from "./small-onnx.ts";

export const CONTRACT_MODELS: Readonly<Record<string, ContractModels>> = {
  // Images come channel by channel, and so do the answers.
  onnx: {
    dense: onnxDense,
    conv: onnxConv,
    toRows: (images) => reordered(images, 6 * 5, 2),
    fromRows: (outputs) => reordered(outputs, 3, 3 * 5),
  },
};

function onnxDense(): Uint8Array {
  const ops = { relu: "Relu", tanh: "Tanh", linear: "Identity" } as const;
  const nodes = LAYERS.flatMap(({ activation }, i) => [
    { op: "Gemm", inputs: [i === 0 ? "x" : `y${i - 1}`, `k${i}`, `b${i}`], outputs: [`s${i}`], attributes: {} },
    { op: ops[activation], inputs: [`s${i}`], outputs: [`y${i}`], attributes: {} },
  ]);
  const weights = LAYERS.flatMap(({ kernel, bias }, i) => [
    { name: `k${i}`, shape: [kernel.length / bias.length, bias.length], values: kernel },
    { name: `b${i}`, shape: [bias.length], values: bias },
  ]);
  return packOnnx(smallOnnx({ input: { name: "x", shape: [-1, 19] }, outputs: ["y2"], nodes, weights }));
}

function onnxConv(kernel: Float32Array, bias: Float32Array): Uint8Array {
  const attributes = { strides: { is: [2, 1] }, auto_pad: { s: "SAME_UPPER" } };
  const nodes = [
    { op: "Conv", inputs: ["x", "kernel", "bias"], outputs: ["conv"], attributes },
    { op: "Relu", inputs: ["conv"], outputs: ["relu"], attributes: {} },
    { op: "Flatten", inputs: ["relu"], outputs: ["y"], attributes: {} },
  ];
  // Filters first, then channels, rows, columns.
  const filters = new Float32Array(kernel.length);
  for (let place = 0; place < 6; place++) {
    for (let channel = 0; channel < 2; channel++) {
      for (let f = 0; f < 3; f++) filters[(f * 2 + channel) * 6 + place] = kernel[(place * 2 + channel) * 3 + f]!;
    }
  }
  const weights = [
    { name: "kernel", shape: [3, 2, 3, 2], values: filters },
    { name: "bias", shape: [3], values: bias },
  ];
  return packOnnx(smallOnnx({ input: { name: "x", shape: [-1, 2, 6, 5] }, outputs: ["y"], nodes, weights }));
}

/** Each row of one x other numbers as other x one. */
function reordered(values: Float32Array, one: number, other: number): Float32Array {
  const size = one * other;
  return Float32Array.from(values, (_, i) => {
    const [row, place] = [Math.floor(i / size), i % size];
    return values[row * size + (place % one) * other + Math.floor(place / one)]!;
  });
}
