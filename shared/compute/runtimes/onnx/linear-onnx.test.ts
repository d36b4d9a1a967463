import * as ort from "onnxruntime-web/wasm";
import { beforeAll, describe, expect, test } from "vitest";
import { type LinearColumn, type LinearModel, writeLinearOnnx } from "./linear-onnx.ts";

beforeAll(() => {
  ort.env.wasm.numThreads = 1;
});

const age = { kind: "number", name: "age", fill: 40, weights: [0.5] } as const;
const city = { kind: "words", name: "city", words: ["Oslo", "Rome"], weights: [[2], [-1]] } as const;
const linear = (columns: readonly LinearColumn[], more: Partial<LinearModel> = {}): LinearModel => ({
  ...{ columns, isNamed: true, intercept: [1], answer: "number", labels: [], metadata: {} },
  ...more,
});
const doubles = (...values: number[]) => new ort.Tensor("float64", Float64Array.from(values), [values.length, 1]);
const texts = (...values: string[]) => new ort.Tensor("string", values, [values.length, 1]);

async function run(model: LinearModel, feeds: Record<string, ort.Tensor>) {
  const session = await ort.InferenceSession.create(writeLinearOnnx(model));
  const results = await session.run(feeds);
  const told = { inputs: session.inputNames, outputs: session.outputNames };
  await session.release();
  return { ...told, valuesOf: (name: string) => Array.from(results[name]!.data as ArrayLike<unknown>), results };
}

describe("a linear model as a file", () => {
  test("takes numbers and words by the names of their columns; gaps are filled, an unknown word counts as none", async () => {
    const feeds = { age: doubles(10, Number.NaN, 20), city: texts("Oslo", "Rome", "Bonn") };
    const { inputs, outputs, valuesOf, results } = await run(linear([city, age]), feeds);
    expect([inputs, outputs]).toEqual([["city", "age"], ["prediction"]]);
    expect(valuesOf("prediction")).toEqual([1 + 5 + 2, 1 + 20 - 1, 1 + 10]);
    expect(results.prediction!.dims).toEqual([3, 1]);
  });

  test("of two labels gives both probabilities and the likelier label, in words or numbers", async () => {
    const sorts = [
      ["no", "yes"],
      [-1, 1],
      [0.5, 1.5],
    ] as const;
    for (const labels of sorts) {
      const model = linear([age, city], { answer: "sigmoid", labels, intercept: [-4] });
      const { valuesOf, results } = await run(model, { age: doubles(10, 2), city: texts("Oslo", "Rome") });
      expect(valuesOf("label").map((one) => (typeof one === "bigint" ? Number(one) : one))).toEqual([
        labels[1],
        labels[0],
      ]);
      const [first, second] = [1 / (1 + Math.exp(-3)), 1 / (1 + Math.exp(4))];
      const wanted = [1 - first, first, 1 - second, second];
      for (const [i, one] of (valuesOf("probabilities") as number[]).entries()) expect(one).toBeCloseTo(wanted[i]!, 14);
      expect(results.probabilities!.dims).toEqual([2, 2]);
    }
  });

  test("of several labels the softmax of a score each", async () => {
    const columns = [{ kind: "number", name: "", fill: null, weights: [1, 0, -1] }] as const;
    const model = linear(columns, {
      isNamed: false,
      answer: "softmax",
      labels: ["a", "b", "c"],
      intercept: [0, 0.5, 0],
    });
    const { inputs, valuesOf } = await run(model, { X: doubles(2, 0, -2) });
    expect(inputs).toEqual(["X"]);
    expect(valuesOf("label")).toEqual(["a", "b", "c"]);
    const total = Math.exp(2) + Math.exp(0.5) + Math.exp(-2);
    expect(valuesOf("probabilities")[1]).toBeCloseTo(Math.exp(0.5) / total, 14);
  });

  test("columns that are called alike, like an output, or not at all get names of their own", async () => {
    const columns = ["label", "a", "a", ""].map((name) => ({ ...age, name }));
    const feeds = { "label (2)": doubles(2), a: doubles(4), "a (2)": doubles(6), "column 3": doubles(8) };
    const { valuesOf } = await run(linear(columns), feeds);
    expect(valuesOf("prediction")).toEqual([11]);
  });

  test("very many columns of numbers are one matrix; with words among them they are refused", async () => {
    const many = Array.from({ length: 1_001 }, (_, place) => ({ ...age, name: `c${place}`, weights: [1] }));
    const X = new ort.Tensor("float64", new Float64Array(1_001).fill(2), [1, 1_001]);
    expect((await run(linear(many), { X })).valuesOf("prediction")).toEqual([2_003]);
    expect(() => writeLinearOnnx(linear([...many, city]))).toThrow(/at most 1000 columns where some hold words/);
  });

  test("a table of words alone, and one whose words were all unknown to the training, are files too", async () => {
    const none = { ...city, name: "none", words: [], weights: [] };
    const { valuesOf } = await run(linear([city, none]), { city: texts("Rome"), none: texts("x") });
    expect(valuesOf("prediction")).toEqual([0]);
  });

  test("what it says of itself stands in the file", () => {
    const file = writeLinearOnnx(linear([age], { metadata: { "paritab.gaps": "filled with the mean" } }));
    const text = new TextDecoder().decode(file);
    expect(text).toContain("paritab.gaps");
    expect(text).toContain("filled with the mean");
  });
});
