import { readFile } from "node:fs/promises";
import * as ort from "onnxruntime-web/wasm";
import { beforeAll, expect, test } from "vitest";
import { inMemory } from "../../byte-space.ts";
import type { TokenPooling } from "../runtime-description.ts";
import { onnxOutputs } from "./edit-onnx.ts";
import * as field from "./onnx-fields.ts";
import { graphNode } from "./onnx-pieces.ts";
import { withPooling } from "./pool-onnx.ts";
import { WireMessage } from "./wire-message.ts";
import { floatInfo } from "./write-onnx.ts";

const FOLDER = new URL("../../../../e2e/models/small-encoder/", import.meta.url);
const POOLING = { output: "last_hidden_state", mask: "attention_mask", pool: "mean", layers: [] } as const;

beforeAll(() => {
  ort.env.wasm.numThreads = 1;
});

test.each(["mean", "cls"] as const)("%s of a model of PyTorch is what PyTorch says", async (pool) => {
  const said = JSON.parse(await readFile(new URL("outputs.json", FOLDER), "utf8"));
  const file = inMemory(withPooling(await readFile(new URL("onnx/model.onnx", FOLDER)), { ...POOLING, pool }));
  expect(onnxOutputs(file)).toEqual(["sentence_embedding"]);
  const session = await ort.InferenceSession.create(file);
  const tensor = (rows: number[][]) =>
    new ort.Tensor("int64", BigInt64Array.from(rows.flat(), BigInt), [rows.length, rows[0]!.length]);
  const { sentence_embedding: got } = await session.run({
    input_ids: tensor(said.input_ids),
    attention_mask: tensor(said.attention_mask),
    token_type_ids: tensor(said.input_ids.map((row: number[]) => row.map(() => 0))),
  });
  expect(got!.dims).toEqual([2, 32]);
  for (const [i, value] of (said[pool] as number[][]).flat().entries()) expect(got!.data[i]).toBeCloseTo(value, 5);
});

test.each([11, 13])("a file of opset %i too", async (opset) => {
  const graph = new WireMessage()
    .text(field.GRAPH.name, "two")
    .message(field.GRAPH.node, graphNode("Identity", ["x"], "states"))
    .message(field.GRAPH.input, floatInfo("x", [-1, 2, 2]))
    .message(field.GRAPH.input, floatInfo("mask", [-1, 2]))
    .message(field.GRAPH.output, floatInfo("states", null));
  const file = new WireMessage()
    .integer(field.MODEL.irVersion, 6)
    .message(field.MODEL.graph, graph)
    .message(field.MODEL.opsetImport, new WireMessage().integer(field.OPSET.version, opset))
    .join();
  const session = await ort.InferenceSession.create(
    inMemory(withPooling(file, { output: "states", mask: "mask", pool: "mean", layers: [] })),
  );
  const x = new ort.Tensor("float32", Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8), [2, 2, 2]);
  const mask = new ort.Tensor("float32", Float32Array.of(1, 1, 1, 0), [2, 2]);
  expect([...((await session.run({ x, mask })).sentence_embedding!.data as Float32Array)]).toEqual([2, 3, 5, 6]);
});

test.each([11, 13, 18])(
  "the last, the largest and layers behind them, of texts of several lengths, in opset %i",
  async (opset) => {
    const graph = new WireMessage()
      .text(field.GRAPH.name, "two")
      .message(field.GRAPH.node, graphNode("Identity", ["x"], "states"))
      .message(field.GRAPH.input, floatInfo("x", [-1, 3, 2]))
      .message(field.GRAPH.input, floatInfo("mask", [-1, 3]))
      .message(field.GRAPH.output, floatInfo("states", null));
    const file = new WireMessage()
      .integer(field.MODEL.irVersion, 6)
      .message(field.MODEL.graph, graph)
      .message(field.MODEL.opsetImport, new WireMessage().integer(field.OPSET.version, opset))
      .join();
    const vectors = async (asked: Omit<TokenPooling, "output" | "mask">) => {
      const session = await ort.InferenceSession.create(
        inMemory(withPooling(file, { output: "states", mask: "mask", ...asked })),
      );
      const x = new ort.Tensor(
        "float32",
        Float32Array.from([...[1, -9, 3, -5, 9, 9], ...[-2, 4, 8, 8, 9, 9], ...[1, 2, 3, 4, 5, -6]]),
        [3, 3, 2],
      );
      const mask = new ort.Tensor("float32", Float32Array.from([...[1, 1, 0], ...[1, 0, 0], ...[1, 1, 1]]), [3, 3]);
      const { data, dims } = (await session.run({ x, mask })).sentence_embedding!;
      return [dims[1], ...(data as Float32Array)];
    };
    expect(await vectors({ pool: "last", layers: [] })).toEqual([2, 3, -5, -2, 4, 5, -6]);
    expect(await vectors({ pool: "max", layers: [] })).toEqual([2, 3, -5, -2, 4, 5, 4]);
    const [weights, bias] = [Float32Array.of(1, 2, 0, 1, -1, 0), Float32Array.of(0, 1, 0.5)];
    const wide = { inSize: 2, outSize: 3, weights, bias, activation: "ReLU" } as const;
    expect(await vectors({ pool: "last", layers: [wide] })).toEqual([3, ...[0, 0, 0], ...[6, 5, 2.5], ...[0, 0, 0]]);
    const sum = {
      inSize: 3,
      outSize: 1,
      weights: Float32Array.of(1, 1, 1),
      bias: null,
      activation: "Identity",
    } as const;
    expect(await vectors({ pool: "last", layers: [wide, sum] })).toEqual([1, 0, 13.5, 0]);
  },
);

test("an output or a mask that is not there is refused", async () => {
  const file = await readFile(new URL("onnx/model.onnx", FOLDER));
  expect(() => withPooling(file, { ...POOLING, output: "x" })).toThrow(
    /an output 'x', got \["last_hidden_state","logits"\]/,
  );
  expect(() => withPooling(file, { ...POOLING, mask: "m" })).toThrow(/an input 'm', to tell tokens from padding/);
});
