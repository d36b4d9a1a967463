/**
 * Files that somebody might upload, well meant or not: each is read, or refused in a sentence, before anything runs it. As long as there are
 * ways for a file to be.
 */

import { readFile } from "node:fs/promises";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MODEL_BYTES_MAX } from "../../../protocol/limits.ts";
import { inMemory } from "../../byte-space.ts";
import { ModelError } from "../../errors.ts";
import { unpackModel } from "../../model-bundle.ts";
import { factsOfBundle } from "../../model-facts.ts";
import { selectOutputOf } from "../../select-output.ts";
import { MODEL_OUTPUTS_FILE } from "../runtime-description.ts";
import * as field from "./onnx-fields.ts";
import { onnxFormat } from "./onnx-format.ts";
import { createOnnxRuntime } from "./onnx-runtime.ts";
import { packOnnx } from "./pack-onnx.ts";
import { type SmallOnnx, smallOnnx } from "./testing/small-onnx.ts";
import { WireMessage } from "./wire-message.ts";

const inspectModel = (bundle: Uint8Array) => factsOfBundle(onnxFormat, bundle);

const TORCH_FILE = new URL("../../../../e2e/models/small-resnet/model.onnx", import.meta.url);
const INPUT = { name: "x", shape: [-1, 4] };
const relu = { op: "Relu", inputs: ["x"], outputs: ["y"], attributes: {} };
const small = (changed: Partial<SmallOnnx>) =>
  smallOnnx({ input: INPUT, outputs: ["y"], nodes: [relu], weights: [], ...changed });

const chain300 = Array.from({ length: 300 }, (_, i) => ({
  ...relu,
  inputs: [i === 0 ? "x" : `y${i - 1}`],
  outputs: [`y${i}`],
}));

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
const external = (...values: string[]) => {
  const message = tensor("w", field.FLOAT, 4).integer(field.TENSOR.dataLocation, 1);
  for (const [i, value] of values.entries()) {
    const key = ["location", "offset", "length"][i]!;
    message.message(field.TENSOR.externalData, new WireMessage().text(1, key).text(2, value));
  }
  return message;
};
const attribute = (type: number) =>
  new WireMessage().text(field.ATTRIBUTE.name, "body").integer(field.ATTRIBUTE.type, type).bytes(6, new Uint8Array(0));

const HOSTILE: readonly [name: string, file: () => Uint8Array, message: RegExp][] = [
  ["an empty file", () => new Uint8Array(0), /a model with a graph, got "none: is it an \.onnx file\?"/],
  ["a picture", () => Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a), /onnx file: expected/],
  [
    "weights at a path outside its folder",
    () => withTensor(external("../../etc/passwd")),
    /weights in a file beside it, got a path that leads elsewhere and is never opened/,
  ],
  [
    "weights in a file that did not come along",
    () => withTensor(external("w.bin")),
    /expected the file 'w\.bin' with its weights, got none of that name: .*external_data=False/,
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
    new RegExp(`at most ${MODEL_BYTES_MAX / 4} elements`),
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
  [
    "texts as weights",
    () => withTensor(tensor("w", 8, 4)),
    /initializer 'w': expected numbers, or true and false, got text/,
  ],
  [
    "a graph that bites its tail",
    () => model(graph([node("Add", ["x", "b"], ["a"]), node("Relu", ["a"], ["b"]), node("Relu", ["b"], ["y"])])),
    /node 'a' \(Add\): expected inputs made by earlier nodes, without cycles, got "b"/,
  ],
  ["a node that takes itself", () => model(graph([node("Add", ["x", "y"], ["y"])])), /without cycles, got "y"/],
  ["two tensors of one name", () => model(graph(chain(["a", "a", "y"]))), /tensors whose names differ, got "a"/],
  ["a node that makes the input anew", () => model(graph(chain(["x", "y"]))), /tensors whose names differ, got "x"/],
  [
    "an output for each of its nodes",
    () => small({ nodes: chain300, outputs: chain300.map(({ outputs }) => outputs[0]!) }),
    /onnx graph: expected at most 256 outputs, got 300/,
  ],
  ["an output that nothing makes", () => model(graph(chain(["a"]))), /output 'y': expected a node, got "none"/],
  [
    "a loop",
    () => model(graph([node("Loop", ["x"], ["y"]).message(field.NODE.attribute, attribute(5))])),
    /node 'y' \(Loop\): expected an operator on the list, got "Loop"; .*export with fixed lengths/,
  ],
  ["a branch", () => model(graph([node("If", ["x"], ["y"])])), /without control flow \(If, Loop, Scan\), got "If"/],
  [
    "an operator of another domain",
    () => model(graph([node("FusedConv", ["x"], ["y"], "com.acme")])),
    /node 'y' \(FusedConv\): expected an operator on the list, got "com\.acme\.FusedConv"/,
  ],
  [
    "an operator of onnxruntime that keeps state",
    () => model(graph([node("GroupQueryAttention", ["x"], ["y"], "com.microsoft")])),
    /got "com\.microsoft\.GroupQueryAttention"; it keeps state from one step to the next: export without a cache/,
  ],
  [
    "an operator that is not on the list",
    () => model(graph([node("NonMaxSuppression", ["x"], ["y"])])),
    /an operator on the list, got "NonMaxSuppression"; .*nms=False.*before it/,
  ],
  [
    "an operator named after an object's inheritance",
    () => model(graph([node("__proto__", ["x"], ["y"])])),
    /an operator on the list, got "__proto__"/,
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
    "no inputs but weights",
    () =>
      small({
        inputs: [{ name: "w", shape: [4], dtype: "float32" }],
        weights: [{ name: "w", shape: [4], values: new Float32Array(4) }],
      }),
    /onnx graph: expected an input, got "none"/,
  ],
  [
    "an image of any size",
    () => model(graph(chain(["y"]), end("x", field.FLOAT, "batch", 3, "height", "width"))),
    /input 'x': expected a size for 'height', 'width', got "batch x 3 x height x width"; submit it with --size height=N --size width=N/,
  ],
  [
    "a batch of 8 and no other",
    () => model(graph(chain(["y"]), end("x", field.FLOAT, 8, 4))),
    /free or 1.*got "8 x 4"/,
  ],
  [
    "whole numbers where an operator takes floats",
    () => model(graph([node("Softmax", ["x"], ["y"])], end("x", field.INT64, "batch", 4))),
    /node 'y' \(Softmax\): expected floats as input 0, got "int64"/,
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
    expect(() => packOnnx(long)).toThrow(/got "A{79}\.\.\.;/);
  });
});

describe("what a file may hold beside float32", () => {
  it("weights of half precision, which are kept as they are", () => {
    const values = new Uint8Array(Uint16Array.of(0x3c00, 0x4000, 0x4200, 0xfc00).buffer);
    const halves = packOnnx(withTensor(tensor("w", 10, 4).bytes(field.TENSOR.rawData, values)));
    const { weightSpecs, weightData } = unpackModel(halves);
    expect([weightSpecs[0]!.dtype, weightData.length]).toEqual(["float16", 8]);
    // Computed with, they are float32.
    expect(inspectModel(halves).weightBytes).toBe(16);
  });

  it("weights in files that come along, each at its place, as exporters of large models write them", () => {
    const file = withTensor(external("big.data", "8", "16"));
    const bytes = new Uint8Array(Float32Array.of(0, 0, 1, 2, 3, 4).buffer);
    expect(onnxFormat.companions(file)).toEqual(["big.data"]);
    const bundle = inMemory(onnxFormat.pack({ name: "m.onnx", bytes: file }, [{ name: "big.data", bytes }]));
    expect([...new Float32Array(unpackModel(bundle).weightData.slice().buffer)]).toEqual([1, 2, 3, 4]);
    const cut = { name: "big.data", bytes: bytes.subarray(0, 20) };
    expect(() => onnxFormat.pack({ name: "m.onnx", bytes: file }, [cut])).toThrow(
      /16 bytes at 8 of 'big\.data', which has 20/,
    );
  });

  const picture = (nodes: Partial<SmallOnnx>["nodes"]) => {
    const cast = [node("Transpose", ["x"], ["t"]), node("Cast", ["t"], ["y"]).message(field.NODE.attribute, toFloat())];
    const whole = graph(nodes === undefined ? cast : [node("Add", ["x", "x"], ["y"])], end("x", 2, "batch", 4));
    return model(whole);
  };
  const toFloat = () =>
    new WireMessage().text(field.ATTRIBUTE.name, "to").integer(field.ATTRIBUTE.type, 2).integer(field.ATTRIBUTE.i, 1);

  it("bytes as an input, which are floats to everybody where they are cast before anything computes with them", () => {
    // Turned round, so that the batch is last: it is the output that is refused, not the bytes.
    expect(() => packOnnx(picture(undefined))).toThrow(/output 'y': expected an output with the batch first/);
    expect(inspectModel(packOnnx(picture([]))).inputs).toEqual([{ name: "x", shape: [4], dtype: "uint8" }]);
  });

  it("outputs of other types, which are cast, beside outputs that cannot be given", () => {
    const where = { op: "ArgMax", inputs: ["x"], outputs: ["label"], attributes: { axis: { i: 1 } } };
    const loop = { op: "Loop", inputs: ["x"], outputs: ["list"], attributes: {} };
    const bundle = packOnnx(small({ nodes: [where, loop], outputs: ["list", "label"] }));
    expect(onnxFormat.outputs(unpackModel(bundle)).map(({ name }) => name)).toEqual(["label"]);
    expect(inspectModel(bundle).outputSize).toBe(1);
  });

  it("values within the graph as its outputs, so that what comes behind them need not be taken", async () => {
    const nodes = [
      { op: "Add", inputs: ["x", "x"], outputs: ["boxes"], attributes: {} },
      { op: "Softmax", inputs: ["boxes"], outputs: ["scores"], attributes: { axis: { i: 1 } } },
      { op: "NonMaxSuppression", inputs: ["boxes", "scores"], outputs: ["chosen"], attributes: {} },
    ];
    const file = { name: "m.onnx", bytes: small({ nodes, outputs: ["chosen"] }) };
    const upTo = (outputs: unknown) =>
      inMemory(onnxFormat.pack(file, [{ name: MODEL_OUTPUTS_FILE, bytes: Buffer.from(JSON.stringify({ outputs })) }]));
    expect(() => onnxFormat.pack(file, [])).toThrow(/end the model at the boxes and scores before it \(--up-to NAME\)/);
    const bundle = upTo(["scores", "boxes"]);
    expect(onnxFormat.outputs(unpackModel(bundle)).map(({ name }) => name)).toEqual(["scores", "boxes"]);
    const scores = await createOnnxRuntime().load(selectOutputOf(onnxFormat, bundle, "scores"));
    const row = Float32Array.from({ length: scores.facts.inputSize }, (_, i) => i / 8);
    const powers = [...row].map((value) => Math.exp(2 * value));
    const sum = powers.reduce((all, power) => all + power, 0);
    for (const [i, value] of (await scores.run(row, 1)).entries()) expect(value).toBeCloseTo(powers[i]! / sum, 5);
    expect(() => upTo(["chosen"])).toThrow(/NonMaxSuppression/);
    expect(() => upTo(["boxs"])).toThrow(/output 'boxs': expected a node, got "none"/);
    expect(() => upTo([])).toThrow(/model-outputs.json: outputs: expected 1 to 256 names, got 0/);
    expect(() => upTo(["boxes", "boxes"])).toThrow(/expected names that differ/);
    expect(() => upTo("boxes")).toThrow(/model-outputs.json: outputs: expected an array/);
  });
});

/** then: 2 x; else: a loop. */
function branch(condition: readonly WireMessage[], depth = 0): WireMessage {
  const inside = (nodes: WireMessage[], output: string) => {
    const message = new WireMessage();
    for (const one of nodes) message.message(field.GRAPH.node, one);
    return message.message(field.GRAPH.output, end(output, field.FLOAT));
  };
  const graphAttribute = (name: string, value: WireMessage) =>
    new WireMessage()
      .text(field.ATTRIBUTE.name, name)
      .integer(field.ATTRIBUTE.type, 5)
      .message(field.ATTRIBUTE.g, value);
  const inner = depth === 0 ? [node("Add", ["x", "x"], ["t"])] : [branchNode(depth - 1), node("Relu", ["y"], ["t"])];
  function branchNode(rest: number): WireMessage {
    return branch([], rest);
  }
  return node("If", [condition.length === 0 ? "c" : "k"], ["y"])
    .message(field.NODE.attribute, graphAttribute("then_branch", inside(inner, "t")))
    .message(field.NODE.attribute, graphAttribute("else_branch", inside([node("Loop", ["x"], ["t"])], "t")));
}

/** x by the one operator or by the other. */
function oneOf(then: string, otherwise: string): WireMessage {
  const side = (name: string, op: string) => {
    const inside = new WireMessage()
      .message(field.GRAPH.node, node(op, ["x"], ["s"]))
      .message(field.GRAPH.output, end("s", field.FLOAT));
    return new WireMessage()
      .text(field.ATTRIBUTE.name, name)
      .integer(field.ATTRIBUTE.type, 5)
      .message(field.ATTRIBUTE.g, inside);
  };
  return node("If", ["c"], ["y"])
    .message(field.NODE.attribute, side("then_branch", then))
    .message(field.NODE.attribute, side("else_branch", otherwise));
}

describe("a branch", () => {
  const isTrue = tensor("c", 9).bytes(field.TENSOR.rawData, Uint8Array.of(1));
  const withCondition = (one: WireMessage) => model(graph([one]).message(field.GRAPH.initializer, isTrue));

  it("whose condition is a constant is replaced by the side that it chooses", () => {
    const { modelTopology } = unpackModel(packOnnx(withCondition(branch([]))));
    expect(modelTopology.nodes).toMatchObject([{ op: "Add" }, { op: "Identity", outputs: ["y"] }]);
    expect(unpackModel(packOnnx(withCondition(branch([], 3)))).modelTopology.nodes).toHaveLength(2 + 3 * 2);
  });

  it("that the query decides is both sides and a choice, where queries go one by one", () => {
    const sides = (input: WireMessage) => {
      const loop = node("Greater", ["x", "x"], ["c"]);
      return model(graph([loop, oneOf("Neg", "Relu")], input));
    };
    const { modelTopology } = unpackModel(packOnnx(sides(end("x", field.FLOAT, 1, 1))));
    const ops = (modelTopology.nodes as { op: string }[]).map(({ op }) => op);
    expect(ops).toEqual(["Greater", "Reshape", "Neg", "Relu", "Where"]);
    expect(() => packOnnx(sides(end("x", field.FLOAT, "batch", 1)))).toThrow(/without control flow/);
  });

  it("within branches without end is refused", () => {
    expect(() => packOnnx(withCondition(branch([], 20)))).toThrow(/branches at most 8 deep/);
  });
});

describe("a graph that computes with the size of the batch", () => {
  // As PyTorch writes y[..., 0:2] = z: the row of each query is named by its number.
  const nodes = [
    { op: "Shape", inputs: ["x"], outputs: ["s"], attributes: {} },
    { op: "Gather", inputs: ["s", "zero"], outputs: ["b"], attributes: {} },
    { op: "Range", inputs: ["zero", "b", "one"], outputs: ["rows"], attributes: {} },
    { op: "Unsqueeze", inputs: ["rows", "last"], outputs: ["places"], attributes: {} },
    { op: "Neg", inputs: ["x"], outputs: ["n"], attributes: {} },
    { op: "ScatterND", inputs: ["x", "places", "n"], outputs: ["y"], attributes: {} },
  ];
  const integer = (value: number) => ({ dtype: "int64", shape: [], values: [value] }) as const;
  const integers = { zero: integer(0), one: integer(1), last: { ...integer(-1), shape: [1] } };

  it("runs a row a call, where it is 1", () => {
    const { modelTopology } = unpackModel(packOnnx(small({ nodes, integers })));
    expect(modelTopology.input).toEqual({ name: "x", shape: [1, 4] });
  });

  it("is refused where it mixes rows too", () => {
    const sum = { op: "ReduceSum", inputs: ["x"], outputs: ["all"], attributes: {} };
    const both = [sum, ...nodes.slice(0, -1), { ...nodes.at(-1)!, inputs: ["x", "places", "m"] }];
    both.splice(-1, 0, { op: "Mul", inputs: ["n", "all"], outputs: ["m"], attributes: {} });
    expect(() => packOnnx(small({ nodes: both, integers }))).toThrow(/axes within one query/);
  });
});

describe("all reasons come at once", () => {
  it("each names its node, and what can be done", () => {
    const nodes = [
      node("Loop", ["x"], ["a"]),
      node("NonMaxSuppression", ["x"], ["b"]),
      node("RandomNormalLike", ["x"], ["c"]),
      node("RandomNormalLike", ["x"], ["d"]),
      node("Sum", ["a", "b", "c", "d"], ["y"]),
    ];
    const message = messageOf(model(graph(nodes)));
    expect(message).toMatch(/^3 reasons why the model is not taken:\n\(1\) node 'a' \(Loop\): /);
    expect(message).toMatch(/nms=False/);
    expect(message).toMatch(/node 'c' \(RandomNormalLike\).*\(and 1 more like it\)/);
    // What only follows from a refusal is no reason of its own.
    expect(message).not.toMatch(/Sum/);
  });

  it("inputs and operators together", () => {
    const two = graph([node("Loop", ["x"], ["y"])]).message(
      field.GRAPH.input,
      end("ids", field.INT64, "batch", "length"),
    );
    const message = messageOf(model(two));
    expect(message).toMatch(/input 'ids': expected a size for 'length', got "batch x length"; .*\{"length": N\}/);
    expect(message).toMatch(/\(Loop\)/);
  });

  it("an LSTM is refused for what it lacks, not for the shape of its state", () => {
    expect(messageOf(model(graph([node("LSTM", ["x", "w"], ["y"])])))).not.toMatch(/ConstantOfShape|another kind/);
  });

  function messageOf(file: Uint8Array): string {
    try {
      packOnnx(file);
    } catch (error) {
      return (error as Error).message;
    }
    return "taken";
  }
});

describe("an ONNX file is held to the limits of every model", () => {
  const side = 401;
  const pool = {
    op: "MaxPool",
    inputs: ["x"],
    outputs: ["m"],
    attributes: { kernel_shape: { is: [side, side] }, pads: { is: Array.from({ length: 4 }, () => side >> 1) } },
  };
  const mean = { op: "GlobalAveragePool", inputs: ["m"], outputs: ["y"], attributes: {} };
  const wide = { name: "k", shape: [64, 1, 1, 1], values: new Float32Array(64) };
  const conv = { op: "Conv", inputs: ["x", "k"], outputs: ["m"], attributes: {} };
  it.each([
    [
      "multiply-adds",
      small({ input: { name: "x", shape: [-1, 1, side, side] }, nodes: [pool, mean] }),
      /at most 20000000000 multiply-adds/,
    ],
    [
      "a layer",
      small({ input: { name: "x", shape: [-1, 1, 600, 600] }, nodes: [conv, mean], weights: [wide] }),
      /at most 16777216/,
    ],
    ["outputs", small({ input: { name: "x", shape: [-1, 5_000_000] } }), /model output: expected at most 4194304/],
  ])("%s", (_, file, sentence) => {
    expect(() => inspectModel(packOnnx(file))).toThrow(sentence);
  });
});
