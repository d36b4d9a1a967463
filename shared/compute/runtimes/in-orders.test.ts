/** Sums in other orders: the same answers but for rounding, on every operator that is taken apart; and a sum that its order decides moves. */
import { describe, expect, test } from "vitest";
import { assetsInNode } from "../../../server/numerics/runtime-assets.ts";
import { rowDeviation } from "../../verify/compare-rows.ts";
import { hashNoise } from "../hash-noise.ts";
import { unpackModel } from "../model-bundle.ts";
import { ORDERS } from "../orders.ts";
import { readOnnxTopology } from "./onnx/onnx-topology.ts";
import { packOnnx } from "./onnx/pack-onnx.ts";
import { onnxInOrder } from "./onnx/reorder-onnx.ts";
import { MATRIX_CASES, RECURRENT_CASES } from "./onnx/testing/cases/matrix-cases.ts";
import { FUSED_CASES } from "./onnx/testing/cases/quantized-cases.ts";
import { IMAGE, is, long, node, type OperatorCase, noise as positive, weight } from "./onnx/testing/operator-case.ts";
import { smallOnnx } from "./onnx/testing/small-onnx.ts";
import { RUNTIMES } from "./runtimes.ts";
import { startTrusted } from "./start-trusted.ts";
import { CONV, type ContractModule, DENSE } from "./testing/contract-networks.ts";
import { graph, ints, out, node as tfNode } from "./tfjs/testing/graphs.ts";

const ROWS = 3;
/** Of well-conditioned models: far below what any job allows. */
const ROUNDING = 1e-5;

const noise = (length: number, seed: number) => Float32Array.from({ length }, (_, i) => hashNoise(seed, i));
const runtimeOf = async (name: string, implementation: "first" | (typeof ORDERS)[number]) =>
  startTrusted(name, implementation, await assetsInNode(name));

/** @returns how far the row that moves most lies from the first implementation's, in each order */
async function moved(name: string, bundle: Uint8Array, rows: Float32Array, rowCount: number): Promise<number[]> {
  const first = await (await runtimeOf(name, "first")).load(bundle);
  const { outputSize } = first.facts;
  const own = await first.run(rows, rowCount);
  const all: number[] = [];
  for (const order of ORDERS) {
    const model = await (await runtimeOf(name, order)).load(bundle);
    const got = await model.run(rows, rowCount);
    model.dispose();
    const rowOf = (of: Float32Array, r: number) => of.subarray(r * outputSize, (r + 1) * outputSize);
    all.push(Math.max(...Array.from({ length: rowCount }, (_, r) => rowDeviation(rowOf(own, r), rowOf(got, r)))));
  }
  first.dispose();
  return all;
}

for (const { name } of RUNTIMES) {
  const { CONTRACT_MODELS }: ContractModule = await import(`./${name}/testing/contract-models.ts`);
  for (const [format, { dense, conv }] of Object.entries(CONTRACT_MODELS)) {
    test(`[PC11] ${format}: every order gives the answers of the first implementation but for rounding, and not its bits`, async () => {
      const { size, filters } = CONV;
      const networks = [
        { bundle: dense(), inputSize: DENSE.inputSize },
        { bundle: conv(noise(size(CONV.kernel) * filters, 21), noise(filters, 22)), inputSize: size(CONV.image) },
      ];
      for (const { bundle, inputSize } of networks) {
        for (const deviation of await moved(name, bundle, noise(ROWS * inputSize, 5), ROWS)) {
          expect(deviation).toBeGreaterThan(0);
          expect(deviation).toBeLessThan(ROUNDING);
        }
      }
    });
  }
}

const OTHERS: Record<string, OperatorCase> = {
  AveragePool: { nodes: [node("AveragePool", ["x"], { kernel_shape: is(3, 2), strides: is(2, 2) })], output: [] },
  GlobalAveragePool: { nodes: [node("GlobalAveragePool", ["x"])], output: [] },
  Conv: {
    nodes: [node("Conv", ["x", "k", "b"], { group: { i: 2 }, pads: is(1, 0, 1, 2), strides: is(2, 1) })],
    weights: [weight("k", 6, 2, 3, 2), weight("b", 6)],
    output: [],
  },
  ConvTranspose: {
    nodes: [node("ConvTranspose", ["x", "k", "b"], { strides: is(2, 2) })],
    weights: [weight("k", 4, 3, 2, 2), weight("b", 3)],
    output: [],
  },
  ReduceSum: { nodes: [node("ReduceSum", ["x", "axes"])], integers: { axes: long(1, 2) }, output: [] },
  ReduceMean: { opset: 18, nodes: [node("ReduceMean", ["x", "axes"])], integers: { axes: long(-1) }, output: [] },
};

describe("[PC11] onnx: operators as they are taken apart", () => {
  for (const [name, { shape = IMAGE, output: _output, macs: _macs, ...rest }] of Object.entries({
    ...OTHERS,
    ...MATRIX_CASES,
    ...FUSED_CASES,
    ...RECURRENT_CASES,
  })) {
    test(name, async () => {
      const file = smallOnnx({ input: { name: "x", shape: [-1, ...shape] }, outputs: ["y"], weights: [], ...rest });
      const bundle = packOnnx(file);
      const { inputSize } = (await (await runtimeOf("onnx", "first")).load(bundle)).facts;
      for (const deviation of await moved("onnx", bundle, positive(2 * inputSize, 9), 2)) {
        expect(deviation).toBeLessThan(1e-3);
      }
    });
  }

  test("a graph that has such names already keeps them", () => {
    const nodes = [node("MatMul", ["x", "order/1"], {}, ["order/2"]), node("Relu", ["order/2"])];
    const bundle = packOnnx(
      smallOnnx({ input: { name: "x", shape: [-1, 4] }, outputs: ["y"], nodes, weights: [weight("order/1", 4, 3)] }),
    );
    const model = unpackModel(bundle);
    const { nodes: made } = readOnnxTopology(onnxInOrder(model, "permuted").modelTopology);
    const names = made.flatMap(({ outputs }) => outputs);
    expect(new Set(names).size).toBe(names.length);
  });
});

/** (-2^24, 1, 2^24) over and over, where x is 1: every order loses other ones. */
const TERMS = Float32Array.from({ length: 180 }, (_, i) => [-(2 ** 24), 1, 2 ** 24][i % 3]!);

describe("[PC11] a sum that its order decides moves in trusted runs too", () => {
  test("tfjs", async () => {
    const bundle = graph(
      [1],
      [
        tfNode("v", "Mul", ["x", "terms"]),
        tfNode("s", "Sum", ["v", "axis"], { keep_dims: { b: true } }),
        out("Relu", ["s"]),
      ],
      [{ name: "terms", shape: [180], floats: [...TERMS] }, ints("axis", 1)],
    );
    expect(Math.max(...(await moved("tfjs", bundle, Float32Array.of(1), 1)))).toBeGreaterThan(0.25);
  });

  test("onnx", async () => {
    const nodes = [
      node("Mul", ["x", "terms"], {}, ["v"]),
      node("ReduceSum", ["v", "axes"], {}, ["s"]),
      node("Relu", ["s"]),
    ];
    const weights = [{ name: "terms", shape: [180], values: TERMS }];
    const integers = { axes: long(1) };
    const bundle = packOnnx(
      smallOnnx({ input: { name: "x", shape: [-1, 1] }, outputs: ["y"], nodes, weights, integers }),
    );
    expect(Math.max(...(await moved("onnx", bundle, Float32Array.of(1), 1)))).toBeGreaterThan(0.25);
  });
});
