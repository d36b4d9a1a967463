/** Files that somebody might upload, well meant or not: each is read, or refused in a sentence, before anything runs it. */

import { readFile } from "node:fs/promises";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ModelError } from "../../errors.ts";
import { unpackModel } from "../../model-bundle.ts";
import { factsOfBundle } from "../../model-facts.ts";
import * as field from "./onnx-fields.ts";
import { onnxFormat } from "./onnx-format.ts";
import { packOnnx } from "./pack-onnx.ts";
import { type SmallOnnx, smallOnnx } from "./testing/small-onnx.ts";
import { WireMessage } from "./wire-message.ts";

const inspectModel = (bundle: Uint8Array) => factsOfBundle(onnxFormat, bundle);

const TORCH_FILE = new URL("../../../../e2e/models/small-resnet/model.onnx", import.meta.url);
const INPUT = { name: "x", shape: [-1, 4] };
const relu = { op: "Relu", inputs: ["x"], outputs: ["y"], attributes: {} };
const small = (changed: Partial<SmallOnnx>) =>
  smallOnnx({ input: INPUT, outputs: ["y"], nodes: [relu], weights: [], ...changed });

/** A model around a graph, message by message: for what no exporter writes. */
function model(graph: WireMessage, opset = 17): Uint8Array {
  return new WireMessage()
    .integer(field.MODEL.irVersion, 8)
    .message(field.MODEL.graph, graph)
    .message(field.MODEL.opsetImport, new WireMessage().integer(field.OPSET.version, opset))
    .join();
}

function end(name: string, type: number, ...shape: (number | string)[]): WireMessage {
  const dimensions = new WireMessage();
  for (const length of shape) {
    const dimension = new WireMessage();
    if (typeof length === "string") dimension.text(field.DIMENSION.parameter, length);
    else dimension.integer(field.DIMENSION.value, length);
    dimensions.message(field.SHAPE.dim, dimension);
  }
  const tensor = new WireMessage()
    .integer(field.TENSOR_TYPE.elemType, type)
    .message(field.TENSOR_TYPE.shape, dimensions);
  const kind = new WireMessage().message(field.TYPE.tensor, tensor);
  return new WireMessage().text(field.VALUE_INFO.name, name).message(field.VALUE_INFO.type, kind);
}

function node(op: string, inputs: string[], outputs: string[], domain = ""): WireMessage {
  const message = new WireMessage();
  for (const name of inputs) message.text(field.NODE.input, name);
  for (const name of outputs) message.text(field.NODE.output, name);
  return message.text(field.NODE.opType, op).text(field.NODE.domain, domain);
}

function graph(nodes: readonly WireMessage[], input = end("x", field.FLOAT, "batch", 4)): WireMessage {
  const message = new WireMessage();
  for (const one of nodes) message.message(field.GRAPH.node, one);
  return message.message(field.GRAPH.input, input).message(field.GRAPH.output, end("y", field.FLOAT));
}

const tensor = (name: string, type: number, ...dims: number[]): WireMessage => {
  const message = new WireMessage().text(field.TENSOR.name, name).integer(field.TENSOR.dataType, type);
  for (const length of dims) message.integer(field.TENSOR.dims, length);
  return message;
};
const withTensor = (one: WireMessage): Uint8Array =>
  model(graph([node("Add", ["x", "w"], ["y"])]).message(field.GRAPH.initializer, one));

describe("an ONNX file", () => {
  it("of PyTorch is read: one input, two outputs, weights, and shapes that are computed from shapes", async () => {
    const bundle = packOnnx(await readFile(TORCH_FILE));
    const { format, modelTopology, weightSpecs } = unpackModel(bundle);
    expect(format).toBe("onnx");
    expect(modelTopology).toMatchObject({
      opset: 17,
      input: { name: "image", shape: [-1, 3, 32, 32] },
      outputs: ["logits", "features"],
    });
    // The norm is folded into the convolution by the exporter; the ends of ReLU6 are two more.
    expect(weightSpecs.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0)).toBe(
      8 * 28 + 8 * 73 + 90 + 2,
    );
  });

  it("holds what was understood and nothing else: names, notes and tensors that nobody takes are gone", () => {
    const noted = graph([node("Relu", ["x"], ["y"]).text(field.NODE.name, "secret-name")])
      .text(10, "secret-note")
      .message(
        field.GRAPH.initializer,
        tensor("unused", field.FLOAT, 1).bytes(field.TENSOR.rawData, new Uint8Array(4)),
      );
    const text = new TextDecoder().decode(packOnnx(model(noted)));
    expect(text).not.toMatch(/secret|unused/);
    expect(inspectModel(packOnnx(model(noted))).outputSize).toBe(4);
  });

  it("may list its weights as inputs too, as older ones do, and hold numbers in lists instead of raw bytes", () => {
    const floats = new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer);
    const listed = graph([node("Add", ["x", "w"], ["y"])])
      .message(field.GRAPH.input, end("w", field.FLOAT, 4))
      .message(field.GRAPH.initializer, tensor("w", field.FLOAT, 4).bytes(field.TENSOR.floatData, floats));
    const { weightData } = unpackModel(packOnnx(model(listed)));
    expect([...new Float32Array(weightData.slice().buffer)]).toEqual([1, 2, 3, 4]);
  });
});

const million = (): Uint8Array => {
  const one = new WireMessage().message(field.GRAPH.node, node("Relu", ["x"], ["y"])).join();
  const nodes = new Uint8Array(one.length * 1_000_000);
  for (let at = 0; at < nodes.length; at += one.length) nodes.set(one, at);
  return new WireMessage()
    .bytes(field.MODEL.graph, nodes)
    .message(field.MODEL.opsetImport, new WireMessage().integer(field.OPSET.version, 17))
    .join();
};
const chain = (names: readonly string[]) =>
  names.map((name, i) => node("Relu", [i === 0 ? "x" : names[i - 1]!], [name]));
const external = () => {
  const entry = new WireMessage().text(1, "location").text(2, "../../etc/passwd");
  return tensor("w", field.FLOAT, 4).message(field.TENSOR.externalData, entry).integer(field.TENSOR.dataLocation, 1);
};
const attribute = (type: number) =>
  new WireMessage().text(field.ATTRIBUTE.name, "body").integer(field.ATTRIBUTE.type, type).bytes(6, new Uint8Array(0));

const HOSTILE: readonly [name: string, file: () => Uint8Array, message: RegExp][] = [
  ["an empty file", () => new Uint8Array(0), /a model with a graph, got "none: is it an \.onnx file\?"/],
  ["a picture", () => Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a), /onnx file: expected/],
  [
    "weights in another file",
    () => withTensor(external()),
    /weights inside the file .*external_data=False.*never opened/,
  ],
  ["a million nodes", million, /at most 10000 nodes/],
  ["an opset of long ago", () => model(graph(chain(["y"])), 6), /opset: expected a version from 7 to \d+, got 6/],
  ["an opset of the future", () => model(graph(chain(["y"])), 999), /opset: expected a version from 7 to \d+, got 999/],
  [
    "no opset",
    () => new WireMessage().message(field.MODEL.graph, graph([node("Relu", ["x"], ["y"])])).join(),
    /opset_import/,
  ],
  [
    "weights larger than all memory",
    () => withTensor(tensor("w", field.FLOAT, 1 << 30, 1 << 30, 1 << 30)),
    /at most 67108864 elements/,
  ],
  [
    "weights of fewer bytes than numbers",
    () => withTensor(tensor("w", field.FLOAT, 4).bytes(field.TENSOR.rawData, new Uint8Array(15))),
    /16 bytes for shape \[4\], got 15/,
  ],
  ["weights of a negative length", () => withTensor(tensor("w", field.FLOAT, -4)), /fixed whole dimensions/],
  [
    "weights that are not finite",
    () =>
      small({
        weights: [{ name: "w", shape: [4], values: Float32Array.of(1, Number.NaN, 3, 4) }],
        nodes: [{ ...relu, op: "Add", inputs: ["x", "w"] }],
      }),
    /weights 'w': expected finite numbers, got NaN/,
  ],
  ["weights in half precision", () => withTensor(tensor("w", 10, 4)), /float32, int32 or int64, got "float16"/],
  [
    "a graph that bites its tail",
    () => model(graph([node("Add", ["x", "b"], ["a"]), node("Relu", ["a"], ["b"]), node("Relu", ["b"], ["y"])])),
    /node 'a' \(Add\): expected inputs made by earlier nodes, without cycles, got "b"/,
  ],
  ["a node that takes itself", () => model(graph([node("Add", ["x", "y"], ["y"])])), /without cycles, got "y"/],
  ["two tensors of one name", () => model(graph(chain(["a", "a", "y"]))), /tensors whose names differ, got "a"/],
  ["a node that makes the input anew", () => model(graph(chain(["x", "y"]))), /tensors whose names differ, got "x"/],
  ["an output that nothing makes", () => model(graph(chain(["a"]))), /output 'y': expected a node, got "none"/],
  [
    "a loop",
    () => model(graph([node("Loop", ["x"], ["y"]).message(field.NODE.attribute, attribute(5))])),
    /node 'y' \(Loop\): expected a graph without control flow/,
  ],
  ["a branch", () => model(graph([node("If", ["x"], ["y"])])), /without control flow \(If, Loop, Scan\), got "If"/],
  [
    "an operator of another domain",
    () => model(graph([node("FusedConv", ["x"], ["y"], "com.microsoft")])),
    /standard domain, got "com\.microsoft"/,
  ],
  [
    "an operator that is not on the list",
    () => model(graph([node("NonMaxSuppression", ["x"], ["y"])])),
    /one of the operators Abs, .*got "NonMaxSuppression"/,
  ],
  [
    "an operator named after an object's inheritance",
    () => model(graph([node("__proto__", ["x"], ["y"])])),
    /one of the operators/,
  ],
  [
    "functions of its own",
    () => new WireMessage().bytes(field.MODEL.functions, new Uint8Array(0)).join(),
    /functions of its own/,
  ],
  [
    "a graph as an attribute",
    () => model(graph([node("Relu", ["x"], ["y"]).message(field.NODE.attribute, attribute(5))])),
    /body: expected a number, a text or numbers/,
  ],
  [
    "two graphs",
    () =>
      new WireMessage().bytes(field.MODEL.graph, new Uint8Array(0)).bytes(field.MODEL.graph, new Uint8Array(0)).join(),
    /one graph, got "two"/,
  ],
  [
    "two inputs",
    () => model(graph([node("Add", ["x", "z"], ["y"])]).message(field.GRAPH.input, end("z", field.FLOAT, "batch", 4))),
    /one input, got \["x","z"\]/,
  ],
  [
    "an image of any size",
    () => model(graph(chain(["y"]), end("x", field.FLOAT, "batch", 3, "height", "width"))),
    /batch dimension that is free or 1, then fixed dimensions, got "free x 3 x free x free"/,
  ],
  [
    "a batch of 8 and no other",
    () => model(graph(chain(["y"]), end("x", field.FLOAT, 8, 4))),
    /free or 1.*got "8 x 4"/,
  ],
  [
    "whole numbers as input",
    () => model(graph(chain(["y"]), end("x", field.INT64, "batch", 4))),
    /input 'x': expected float32, got "int64"/,
  ],
  [
    "nine dimensions",
    () => small({ input: { name: "x", shape: [-1, 1, 1, 1, 1, 1, 1, 1, 1] } }),
    /at most 8 dimensions/,
  ],
  ["a name without end", () => small({ outputs: ["y".repeat(2_000)] }), /texts of at most 1024 bytes/],
  ["a length beyond the file", () => Uint8Array.of(0x3a, 0xff, 0xff, 0xff, 0xff, 0x0f), /more bytes, as the file says/],
  [
    "a length beyond 2^32",
    () => Uint8Array.of(0x3a, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f),
    /a length that fits the file/,
  ],
  ["a number without end", () => new Uint8Array(20).fill(0xff), /numbers of at most 10 bytes/],
  ["an old protobuf group", () => Uint8Array.of(0x3b), /type 0, 1, 2 or 5, got 3/],
];

describe("a file that is refused", () => {
  for (const [name, file, message] of HOSTILE) {
    it(`${name}`, () => {
      expect(() => packOnnx(file())).toThrow(ModelError);
      expect(() => packOnnx(file())).toThrow(message);
    });
  }

  it("is every one that was cut off: PyTorch's, at each of 200 places", async () => {
    const whole = await readFile(TORCH_FILE);
    for (let i = 0; i < 200; i++) {
      const cut = whole.subarray(0, Math.floor((whole.length * i) / 200));
      expect(() => inspectModel(packOnnx(cut))).toThrow(ModelError);
    }
  });

  it("never breaks the reader: of changed bytes come a model or a ModelError, and nothing else", async () => {
    const whole = await readFile(TORCH_FILE);
    const change = fc.tuple(fc.nat(whole.length - 1), fc.integer({ min: 0, max: 255 }));
    let read = 0;
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const bytes = Uint8Array.from(whole);
        for (const [at, value] of changes) bytes[at] = value;
        try {
          packOnnx(bytes);
          read++;
        } catch (error) {
          expect(error).toBeInstanceOf(ModelError);
        }
      }),
      { numRuns: 400, seed: 5 },
    );
    // Most changes fall into the weights.
    expect(read).toBeGreaterThan(100);
  });

  it("is named by its own words where a sentence quotes it, and cut short", () => {
    const long = model(graph([node("A".repeat(900), ["x"], ["y"])]));
    expect(() => packOnnx(long)).toThrow(/got "A{79}\.\.\.$/);
  });
});
