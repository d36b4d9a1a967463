/** Every operator on the list, tried against the library: the shapes that the rules say are those that it makes. */

import { describe, expect, it } from "vitest";
import { factsOfBundle } from "../../model-facts.ts";
import { onnxFormat } from "./onnx-format.ts";
import { MICROSOFT_RULES } from "./onnx-microsoft-rules.ts";
import { ONNX_RULES } from "./onnx-rules.ts";
import { createOnnxRuntime } from "./onnx-runtime.ts";
import { MICROSOFT, type OnnxNodeFacts } from "./onnx-topology.ts";
import { packOnnx } from "./pack-onnx.ts";
import { ALL_CASES } from "./testing/cases/all-cases.ts";
import { IMAGE, is, long, node, noise, weight } from "./testing/operator-case.ts";
import { type SmallOnnx, smallOnnx } from "./testing/small-onnx.ts";

const inspectModel = (bundle: Uint8Array) => factsOfBundle(onnxFormat, bundle);

const nameOf = ({ op, domain }: OnnxNodeFacts) => (domain === undefined ? op : `${domain}.${op}`);

const runtime = createOnnxRuntime();
const ROWS = 3;

describe("operators of ONNX", () => {
  it("each one on the list is tried here", () => {
    const tried = new Set(Object.values(ALL_CASES).flatMap(({ nodes }) => nodes.map(nameOf)));
    const all = [...Object.keys(ONNX_RULES), ...Object.keys(MICROSOFT_RULES).map((op) => `${MICROSOFT}.${op}`)];
    expect(all.filter((op) => !tried.has(op))).toEqual([]);
  });

  for (const [name, { shape = IMAGE, output, macs, ...rest }] of Object.entries(ALL_CASES)) {
    it(`${name}: a query gives [${output}], in a batch as alone`, async () => {
      const input = { name: "x", shape: [-1, ...shape] };
      const bundle = packOnnx(smallOnnx({ input, outputs: ["y"], weights: [], ...rest }));
      const size = output.reduce((a, b) => a * b, 1);
      const facts = inspectModel(bundle);
      expect([facts.inputShape, facts.outputSize]).toEqual([shape, size]);
      if (macs !== undefined) expect(facts.macsPerQuery).toBe(macs);

      const model = await runtime.load(bundle);
      const rows = noise(ROWS * facts.inputSize, 2);
      const together = await model.run(rows, ROWS);
      expect(together).toHaveLength(ROWS * size);
      for (let r = 0; r < ROWS; r++) {
        const alone = await model.run(rows.slice(r * facts.inputSize, (r + 1) * facts.inputSize), 1);
        for (const [i, value] of alone.entries()) expect(together[r * size + i]).toBeCloseTo(value, 4);
      }
      model.dispose();
    });
  }
});

describe("numbers that are moved and not computed with", () => {
  const chain = (step: (from: string, to: string) => OnnxNodeFacts, count: number, side: number) => {
    const names = Array.from({ length: count }, (_, i) => (i === count - 1 ? "y" : `h${i}`));
    const nodes = names.map((to, i) => step(i === 0 ? "x" : names[i - 1]!, to));
    const input = { name: "x", shape: [-1, side, side] };
    return inspectModel(packOnnx(smallOnnx({ input, outputs: ["y"], weights: [], nodes, integers: SIZES })));
  };
  const SIZES = {
    shape: { dtype: "int64", shape: [3], values: [-1, 64, 64] },
    once: { dtype: "int64", shape: [3], values: [1, 1, 1] },
    places: { dtype: "int64", shape: [64], values: Array.from({ length: 64 }, (_, i) => 63 - i) },
  } as const;
  const turned = (from: string, to: string) => node("Transpose", [from], { perm: is(0, 2, 1) }, [to]);

  it("[PR100] cost ten multiply-adds each, whichever operator moves them, and shapes that change alone cost none", () => {
    const steps = {
      Transpose: turned,
      Tile: (from: string, to: string) => node("Tile", [from, "once"], {}, [to]),
      Expand: (from: string, to: string) => node("Expand", [from, "once"], {}, [to]),
      Gather: (from: string, to: string) => node("Gather", [from, "places"], { axis: { i: 2 } }, [to]),
      Reshape: (from: string, to: string) => node("Reshape", [from, "shape"], {}, [to]),
    };
    const costs = Object.fromEntries(
      Object.entries(steps).map(([op, step]) => [op, chain(step, 3, 64).macsPerQuery / (3 * 64 * 64)]),
    );
    expect(costs).toEqual({ Transpose: 10, Tile: 10, Expand: 10, Gather: 10, Reshape: 0 });
  });

  it("[PR100] a thousand of them over four million numbers are refused, as no row of any model may take so long", () => {
    expect(() => chain(turned, 1_000, 2_048)).toThrow(/multiply-adds/);
    expect(chain(turned, 400, 2_048).macsPerQuery).toBe(400 * 10 * 2_048 ** 2);
  });
});

describe("memory", () => {
  const factsOf = (nodes: readonly OnnxNodeFacts[], shape: readonly number[], weights: SmallOnnx["weights"] = []) =>
    inspectModel(packOnnx(smallOnnx({ input: { name: "x", shape: [-1, ...shape] }, outputs: ["y"], weights, nodes })));

  it("branches that wait for each other are all held", () => {
    const branches = Array.from({ length: 30 }, (_, i) => node("Relu", ["x"], {}, [`b${i}`]));
    const joined = node(
      "Concat",
      branches.map((_, i) => `b${i}`),
      { axis: { i: 1 } },
    );
    const facts = factsOf([...branches, joined], [1000]);
    expect(facts).toMatchObject({ activationsPerQuery: 1000 + 60_000, numbersPerRun: 0 });
  });

  it("a transposed convolution holds its whole product, once a run", () => {
    const facts = factsOf([node("ConvTranspose", ["x", "k"])], [1, 32, 32], [weight("k", 1, 1, 64, 64)]);
    expect(facts).toMatchObject({ activationsPerQuery: 32 * 32 + 95 * 95, numbersPerRun: 32 * 32 * 64 * 64 });
  });

  it("what comes of weights alone is there once", () => {
    const weights = [weight("a", 100, 1), weight("b", 1, 100)];
    const nodes = [node("Add", ["a", "b"], {}, ["c"]), node("MatMul", ["x", "c"])];
    expect(factsOf(nodes, [100], weights)).toMatchObject({ activationsPerQuery: 200, numbersPerRun: 10_000 });
  });
});

describe("what reaches across the batch, or is not known before it runs", () => {
  const refused: [string, Partial<SmallOnnx> & { nodes: readonly OnnxNodeFacts[] }, RegExp][] = [
    [
      "a sum over the batch",
      { nodes: [node("ReduceSum", ["x", "a"])], integers: { a: long(0) } },
      /axis within one query/,
    ],
    ["a sum over everything", { nodes: [node("ReduceSum", ["x"])] }, /axes within one query/],
    ["a batch that is turned away", { nodes: [node("Transpose", ["x"])] }, /the batch first/],
    [
      "a batch that is folded in",
      { nodes: [node("Reshape", ["x", "s"])], integers: { s: long(1, -1) } },
      /the batch first/,
    ],
    ["softmax over the batch", { nodes: [node("Softmax", ["x"], { axis: { i: 0 } })] }, /axis within one query/],
    ["a row of the batch", { nodes: [node("Gather", ["x", "i"])], integers: { i: long(0) } }, /axis within one query/],
    [
      "a slice of the batch",
      { nodes: [node("Slice", ["x", "i", "j"])], integers: { i: long(0), j: long(1) } },
      /axis within one query/,
    ],
    [
      "a batch as weights",
      { nodes: [node("Flatten", ["x"], {}, ["f"]), node("MatMul", ["c", "f"])], weights: [weight("c", 120, 120)] },
      /go together|batch/,
    ],
    [
      "a norm in training",
      {
        nodes: [node("BatchNormalization", ["x", "c", "c", "c", "c"], { training_mode: { i: 1 } })],
        weights: [weight("c", 4)],
      },
      /after training/,
    ],
    ["a shape that is computed", { nodes: [node("Reshape", ["x", "x"])] }, /constant, got "a computed value"/],
    [
      "a comparison with the batch",
      {
        nodes: [
          node("Shape", ["x"], {}, ["s"]),
          node("Equal", ["s", "four"], {}, ["e"]),
          node("Where", ["e", "s", "s"]),
        ],
        integers: { four: long(4) },
      },
      /the batch does not decide, got 4/,
    ],
    ["whole numbers as an output", { nodes: [node("Shape", ["x"])] }, /float32, got "whole numbers"/],
    [
      "a filter of other channels",
      { nodes: [node("Conv", ["x", "c"])], weights: [weight("c", 2, 3, 3, 3)] },
      /filter for 4 channels/,
    ],
    [
      "shapes that grow without end",
      { nodes: [node("Pad", ["x", "p"])], integers: { p: long(0, 9e6, 9e6, 0, 0, 0, 0, 0) } },
      /at most \d+ elements/,
    ],
    [
      "nine dimensions",
      { nodes: [node("Unsqueeze", ["x", "a"])], integers: { a: long(1, 2, 3, 4, 5) } },
      /at most 8 dimensions/,
    ],
  ];
  for (const [name, graph, message] of refused) {
    it(`${name} is refused`, () => {
      const file = smallOnnx({ input: { name: "x", shape: [-1, ...IMAGE] }, outputs: ["y"], weights: [], ...graph });
      expect(() => inspectModel(packOnnx(file))).toThrow(message);
    });
  }
});
