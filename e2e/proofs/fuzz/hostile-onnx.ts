/**
 * ONNX files that ask for more than anybody has: shapes that explode in one operator, the largest 2^31 of a list, branches in branches,
 * weights at paths of the coordinator. And files of well-meant operators with bytes changed. Each is drawn from a seed.
 */

import * as field from "../../../shared/compute/runtimes/onnx/onnx-fields.ts";
import { ELEMENTWISE_CASES } from "../../../shared/compute/runtimes/onnx/testing/cases/elementwise-cases.ts";
import { MATRIX_CASES, RECURRENT_CASES } from "../../../shared/compute/runtimes/onnx/testing/cases/matrix-cases.ts";
import { PLACE_CASES } from "../../../shared/compute/runtimes/onnx/testing/cases/place-cases.ts";
import { FUSED_CASES, QUANTIZED_CASES } from "../../../shared/compute/runtimes/onnx/testing/cases/quantized-cases.ts";
import {
  fileOf,
  graphOf,
  longTensor,
  nodeOf,
  taking,
  trueTensor,
  withGraphAttribute,
  withInteger,
  withTensor,
} from "../../../shared/compute/runtimes/onnx/testing/graph-messages.ts";
import {
  floats,
  IMAGE,
  is,
  long,
  node,
  type OperatorCase,
  oneLong,
  single,
  weight,
} from "../../../shared/compute/runtimes/onnx/testing/operator-case.ts";
import { type SmallOnnx, smallOnnx } from "../../../shared/compute/runtimes/onnx/testing/small-onnx.ts";
import { WireMessage } from "../../../shared/compute/runtimes/onnx/wire-message.ts";
import { simulationRandom } from "../../../shared/random/simulation-random.ts";

export interface HostileFile {
  readonly name: string;
  readonly file: Uint8Array;
  /** null: whatever a few changed bytes make of it, a model within all limits or a refusal. */
  readonly refusal: RegExp | null;
}

type Bomb = (size: number) => Partial<SmallOnnx> & Pick<SmallOnnx, "nodes">;

const TOO_MANY =
  /at most \d+ (elements|numbers|dimensions)|fixed whole dimensions|sizes above 0 that hold|whole numbers below 2.53/;
const toFloat = node("Cast", ["r"], { to: { i: 1 } });

/** Each with a size from 2^27 to 2^62. */
const BOMBS: Readonly<Record<string, readonly [Bomb, RegExp]>> = {
  "Resize by scales": [
    (size) => ({ nodes: [node("Resize", ["x", "", "s"])], weights: [floats("s", 1, 1, size, size)] }),
    TOO_MANY,
  ],
  "Resize to sizes": [
    (size) => ({ nodes: [node("Resize", ["x", "", "", "s"])], integers: { s: long(1, 4, size, size) } }),
    /sizes above 0 that hold for any batch/,
  ],
  "Resize of a batch of 1": [
    (size) => ({
      input: { name: "x", shape: [1, ...IMAGE] },
      nodes: [node("Resize", ["x", "", "", "s"])],
      integers: { s: long(1, 4, size, size) },
    }),
    TOO_MANY,
  ],
  Upsample: [
    (size) => ({ opset: 9, nodes: [node("Upsample", ["x", "s"])], weights: [floats("s", 1, 1, size, 1)] }),
    TOO_MANY,
  ],
  Tile: [(size) => ({ nodes: [node("Tile", ["x", "n"])], integers: { n: long(1, size, size, 1) } }), TOO_MANY],
  Expand: [
    (size) => ({
      nodes: [node("Expand", ["c", "s"], {}, ["e"]), node("Add", ["x", "e"])],
      integers: { s: long(size, size) },
      weights: [weight("c", 1, 1)],
    }),
    TOO_MANY,
  ],
  Range: [
    (size) => ({
      nodes: [node("Range", ["a", "b", "d"], {}, ["r"]), { ...toFloat, outputs: ["f"] }, node("Add", ["x", "f"])],
      integers: { a: oneLong(0), b: oneLong(size), d: oneLong(1) },
    }),
    TOO_MANY,
  ],
  "Range of tiny steps": [
    (size) => ({
      nodes: [node("Range", ["a", "b", "d"], {}, ["r"]), node("Add", ["x", "r"])],
      weights: [single("a", 0), single("b", 1), single("d", 1 / size)],
    }),
    TOO_MANY,
  ],
  ConstantOfShape: [
    (size) => ({
      nodes: [node("ConstantOfShape", ["s"], {}, ["c"]), node("Add", ["x", "c"])],
      integers: { s: long(size, size, 5) },
    }),
    TOO_MANY,
  ],
  TopK: [
    (size) => ({ nodes: [node("TopK", ["x", "k"], {}, ["y", "p"])], integers: { k: long(size) } }),
    /k: expected 1 to 5/,
  ],
  OneHot: [
    (size) => ({
      nodes: [node("Cast", ["x"], { to: { i: 7 } }, ["i"]), node("OneHot", ["i", "d", "v"])],
      integers: { d: oneLong(size) },
      weights: [floats("v", 0, 1)],
    }),
    TOO_MANY,
  ],
  Pad: [
    (size) => ({ nodes: [node("Pad", ["x", "p"])], integers: { p: long(0, 0, size, 0, 0, 0, size, 0) } }),
    TOO_MANY,
  ],
  "LSTM of a huge state": [
    (size) => ({
      nodes: [node("LSTM", ["x", "w", "w"], { hidden_size: { i: size } }, ["y", "", ""])],
      weights: [weight("w", 1, 4, 5)],
    }),
    /fit its weights/,
  ],
  "a convolution whose pads are larger than the world": [
    (size) => ({
      nodes: [node("Conv", ["x", "k"], { pads: is(size, size, size, size) })],
      weights: [weight("k", 1, 4, 1, 1)],
    }),
    TOO_MANY,
  ],
  "a product of a batch with itself": [
    () => ({
      nodes: [node("Flatten", ["x"], {}, ["f"]), node("Transpose", ["f"], {}, ["t"]), node("MatMul", ["f", "t"])],
    }),
    /matrices that go together/,
  ],
  "indices into the batch": [
    (size) => ({
      nodes: [node("GatherND", ["x", "i"])],
      integers: { i: { dtype: "int64", shape: [1, 1], values: [size] } },
    }),
    /indices within one query/,
  ],
};

/** Files that no writer of topologies makes, message by message. */
const MESSAGES: readonly ((size: number) => readonly [name: string, graph: WireMessage, refusal: RegExp])[] = [
  (size) => [
    "weights at a path",
    withWeights(external(`/${"../".repeat(size % 7)}etc/passwd`)),
    /never opened|named|of that name/,
  ],
  (size) => ["weights beyond the end of the world", withWeights(external("w.bin", String(size))), /of that name/],
  (size) => ["weights at a place that is none", withWeights(external("w.bin", `-${size}`)), /a place in a file/],
  (size) => ["branches in branches", branches(9 + (size % 40)), /branches at most 8 deep/],
  (size) => ["a loop of more turns than anybody has", loops(1, size), /at most 1024 turns/],
  (size) => ["loops in loops, of few turns each", loops(6, 16 + (size % 5)), /at most 1024 turns/],
  (size) => ["loops too deep", loops(9 + (size % 5), 1), /loops at most 8 deep/],
  (size) => ["a loop that brings weights along in each turn", heavyLoop(300 + (size % 9)), /bytes of numbers|turns/],
  (size) => ["a list that grows in a loop", growingList(1_025 + (size % 9)), /at most 1024 turns|lists of at most/],
];

function external(location: string, offset = "0"): WireMessage {
  const entry = (key: string, value: string) => new WireMessage().text(1, key).text(2, value);
  return new WireMessage()
    .text(field.TENSOR.name, "w")
    .integer(field.TENSOR.dataType, field.FLOAT)
    .integer(field.TENSOR.dims, 5)
    .message(field.TENSOR.externalData, entry("location", location))
    .message(field.TENSOR.externalData, entry("offset", offset))
    .integer(field.TENSOR.dataLocation, 1);
}

const withWeights = (tensor: WireMessage): WireMessage => withTensor(graphOf([nodeOf("Add", ["x", "w"], "y")]), tensor);

/** A condition that is true, and in each branch another. */
function branches(depth: number): WireMessage {
  let inner = graphOf([nodeOf("Relu", ["x"], "y")]);
  for (let i = 0; i < depth; i++) inner = graphOf([withGraphAttribute(nodeOf("If", ["c"], "y"), "then_branch", inner)]);
  return withTensor(inner, trueTensor("c"));
}

/** A loop in a loop in a loop, each of so many turns. */
function loops(depth: number, turns: number): WireMessage {
  let inner = body(nodeOf("Relu", ["v"], "w"));
  for (let i = 1; i < depth; i++) inner = body(loopOf("v", inner));
  return withTensor(withTensor(graphOf([loopOf("x", inner)]), longTensor("m", turns)), trueTensor("c"));
}

const body = (...nodes: WireMessage[]): WireMessage =>
  taking(graphOf([...nodes, nodeOf("Identity", ["go"], "goes")], ["goes", "w"]), "i", "go", "v");

const loopOf = (from: string, inner: WireMessage): WireMessage =>
  withGraphAttribute(nodeOf("Loop", ["m", "c", from], from === "x" ? "y" : "w"), "body", inner);

/** Each turn brings its own megabyte along, which is the graph's only once. */
function heavyLoop(turns: number): WireMessage {
  const megabyte = new WireMessage()
    .text(field.TENSOR.name, "big")
    .integer(field.TENSOR.dataType, field.FLOAT)
    .integer(field.TENSOR.dims, 262_144)
    .bytes(field.TENSOR.rawData, new Uint8Array(4 * 262_144));
  const inner = withTensor(body(nodeOf("Relu", ["v"], "w")), megabyte);
  const outer = body(loopOf("v", inner));
  return withTensor(withTensor(graphOf([loopOf("x", outer)]), longTensor("m", turns)), trueTensor("c"));
}

/** A list that becomes longer each turn, and is joined each turn. */
function growingList(turns: number): WireMessage {
  const inner = taking(
    graphOf([nodeOf("SequenceInsert", ["l", "x"], "longer"), nodeOf("Identity", ["go"], "goes")], ["goes", "longer"]),
    "i",
    "go",
    "l",
  );
  const nodes = [
    nodeOf("SequenceEmpty", [], "empty"),
    withGraphAttribute(nodeOf("Loop", ["m", "c", "empty"], "list"), "body", inner),
    withInteger(nodeOf("ConcatFromSequence", ["list"], "y"), "axis", 1),
  ];
  return withTensor(withTensor(graphOf(nodes), longTensor("m", turns)), trueTensor("c"));
}

const WELL_MEANT: readonly (readonly [string, OperatorCase])[] = Object.entries({
  ...ELEMENTWISE_CASES,
  ...MATRIX_CASES,
  ...PLACE_CASES,
  ...QUANTIZED_CASES,
  ...RECURRENT_CASES,
  ...FUSED_CASES,
});

/** @returns so many files, the same for the same seed: bombs, messages, and well-meant files with 1 to 6 bytes changed */
export function hostileOnnxFiles(seed: number, count: number): HostileFile[] {
  const random = simulationRandom(seed);
  const below = (limit: number): number => random.integer(limit);
  const bombs = Object.entries(BOMBS);
  return Array.from({ length: count }, (_, i): HostileFile => {
    const size = Math.min(Number.MAX_SAFE_INTEGER, 2 ** (27 + below(36)) + below(5));
    if (i % 3 === 0) {
      const [name, [make, refusal]] = bombs[(i / 3) % bombs.length]!;
      const input = { name: "x", shape: [-1, ...IMAGE] };
      const file = smallOnnx({ input, outputs: ["y"], weights: [], ...make(size) });
      return { name: `${name}, ${size}`, file, refusal };
    }
    if (i % 9 === 1) {
      const [name, graph, refusal] = MESSAGES[((i - 1) / 9) % MESSAGES.length]!(size);
      return { name, file: fileOf(graph), refusal };
    }
    const [name, { shape = IMAGE, output: _output, macs: _macs, ...rest }] = WELL_MEANT[below(WELL_MEANT.length)]!;
    const file = smallOnnx({ input: { name: "x", shape: [-1, ...shape] }, outputs: ["y"], weights: [], ...rest });
    for (let n = 1 + below(6); n > 0; n--) file[below(file.length)] = below(256);
    return { name: `${name}, changed`, file, refusal: null };
  });
}
