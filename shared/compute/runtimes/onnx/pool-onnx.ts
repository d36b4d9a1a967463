/** A text model that gives a vector for each token is made to give one for each text: in the graph, so that it happens in the tab. */
import type { ByteSpace } from "../../byte-space.ts";
import { fail } from "../../model-json.ts";
import type { TokenPooling, VectorLayer } from "../runtime-description.ts";
import { onnxInputs, onnxOutputs } from "./edit-onnx.ts";
import * as field from "./onnx-fields.ts";
import { copyFields, floatTensor, graphNode, int64Tensor, withGraph } from "./onnx-pieces.ts";
import { readOnnxModel } from "./read-onnx.ts";
import { WireMessage } from "./wire-message.ts";
import { floatInfo } from "./write-onnx.ts";

/** As sentence-transformers names it. */
const POOLED = "sentence_embedding";
const OWN = "paritab:pooling";
/** From this version on axes are an input of ReduceSum. */
const AXES_INPUT_OPSET = 13;
/** And of ReduceMax. */
const MAX_AXES_INPUT_OPSET = 18;
/** CumSum is there, and Equal takes floats. */
const LAST_OPSET_MIN = 11;
/** sentence-transformers takes as much from what is padding. */
const FAR_BELOW = -1e9;

/**
 * mean: the sum of vectors times mask, over the sum of the mask. cls: the first token's. last: that of the last token that the mask has 1
 * for, where what is padding stands behind. max: the largest of each number over those that the mask has 1 for.
 * @returns the file with `sentence_embedding` as its one output: batch x numbers
 * @throws ModelError where it has no such output or no such mask
 */
export function withPooling(file: ByteSpace, { output, mask, pool, layers }: TokenPooling): ByteSpace {
  const { graph, opset } = readOnnxModel(file);
  const outputs = onnxOutputs(file);
  if (!outputs.includes(output)) fail("onnx graph", `an output '${output}'`, outputs);
  const inputs = onnxInputs(file).map(({ name }) => name);
  if (pool !== "cls" && !inputs.includes(mask))
    fail("onnx graph", `an input '${mask}', to tell tokens from padding`, inputs);
  if (pool === "last" && opset < LAST_OPSET_MIN) fail("onnx graph", `opset ${LAST_OPSET_MIN} or newer`, opset);
  const pooled = layers.length === 0 ? POOLED : `${OWN}-pooled`;
  const parts = [
    WAYS[pool]({ output, mask, opset, pooled }),
    ...layers.map((layer, i) => denseOf(layer, i, layers.length)),
  ];
  const [nodes, constants] = [parts.flatMap((part) => part.nodes), parts.flatMap((part) => part.constants)];
  const out = new WireMessage();
  copyFields(graph, out, ({ number }) => (number === field.GRAPH.output ? "nothing" : "itself"));
  for (const one of nodes) out.message(field.GRAPH.node, one);
  for (const one of constants) out.message(field.GRAPH.initializer, one);
  return withGraph(file, out.message(field.GRAPH.output, floatInfo(POOLED, null)));
}

interface Added {
  readonly nodes: readonly WireMessage[];
  readonly constants: readonly WireMessage[];
}

interface Pooled {
  readonly output: string;
  readonly mask: string;
  readonly opset: number;
  /** What the vector is called. */
  readonly pooled: string;
}

const WAYS: Readonly<Record<TokenPooling["pool"], (asked: Pooled) => Added>> = {
  mean: meanOf,
  cls: firstOf,
  last: lastOf,
  max: maxOf,
};

const own = (name: string) => `${OWN}-${name}`;
const AXIS = own("axis");

/** Over the tokens. @param keepdims 1: their dimension stays, of size 1 */
function reduced(op: "ReduceSum" | "ReduceMax", from: string, to: string, opset: number, keepdims = 0): WireMessage {
  const isInput = opset >= (op === "ReduceSum" ? AXES_INPUT_OPSET : MAX_AXES_INPUT_OPSET);
  return isInput ? graphNode(op, [from, AXIS], to, { keepdims }) : graphNode(op, [from], to, { axes: [1], keepdims });
}

/** The mask as floats: batch x tokens in `floats`, batch x tokens x 1 in `shaped`. */
function maskParts(mask: string, axisIsInput: boolean): Added {
  return {
    nodes: [
      graphNode("Cast", [mask], own("floats"), { to: field.FLOAT }),
      // Of 0 the shape keeps what is there.
      graphNode("Reshape", [own("floats"), own("column")], own("shaped")),
    ],
    constants: [int64Tensor(own("column"), [3], [0, -1, 1]), ...(axisIsInput ? [int64Tensor(AXIS, [1], [1])] : [])],
  };
}

function meanOf({ output, mask, opset, pooled }: Pooled): Added {
  const { nodes, constants } = maskParts(mask, opset >= AXES_INPUT_OPSET);
  return {
    nodes: [
      ...nodes,
      graphNode("Mul", [output, own("shaped")], own("kept")),
      reduced("ReduceSum", own("kept"), own("sum"), opset),
      reduced("ReduceSum", own("shaped"), own("count"), opset),
      graphNode("Div", [own("sum"), own("count")], pooled),
    ],
    constants,
  };
}

function firstOf({ output, pooled }: Pooled): Added {
  return {
    nodes: [graphNode("Gather", [output, own("first")], pooled, { axis: 1 })],
    constants: [int64Tensor(own("first"), [], [0])],
  };
}

/** The last is where the mask, summed up to there, is its whole sum, and the mask is 1. */
function lastOf({ output, mask, opset, pooled }: Pooled): Added {
  const { nodes, constants } = maskParts(mask, opset >= AXES_INPUT_OPSET);
  return {
    nodes: [
      ...nodes,
      graphNode("CumSum", [own("floats"), own("tokens")], own("so-far")),
      reduced("ReduceSum", own("floats"), own("count"), opset, 1),
      graphNode("Equal", [own("so-far"), own("count")], own("is-all")),
      graphNode("Cast", [own("is-all")], own("from-last"), { to: field.FLOAT }),
      graphNode("Mul", [own("from-last"), own("floats")], own("is-last")),
      graphNode("Reshape", [own("is-last"), own("column")], own("last")),
      graphNode("Mul", [output, own("last")], own("kept")),
      reduced("ReduceSum", own("kept"), pooled, opset),
    ],
    constants: [...constants, int64Tensor(own("tokens"), [], [1])],
  };
}

function maxOf({ output, mask, opset, pooled }: Pooled): Added {
  const { nodes, constants } = maskParts(mask, opset >= MAX_AXES_INPUT_OPSET);
  return {
    nodes: [
      ...nodes,
      graphNode("Sub", [own("one"), own("shaped")], own("is-padding")),
      graphNode("Mul", [own("is-padding"), own("below")], own("lowered")),
      graphNode("Add", [output, own("lowered")], own("kept")),
      reduced("ReduceMax", own("kept"), pooled, opset),
    ],
    constants: [...constants, floatTensor(own("one"), [], [1]), floatTensor(own("below"), [], [FAR_BELOW])],
  };
}

/** @param place among `count` layers: the last one gives the vector of the text */
function denseOf({ inSize, outSize, weights, bias, activation }: VectorLayer, place: number, count: number): Added {
  const named = (name: string) => own(`dense-${place}-${name}`);
  const from = place === 0 ? own("pooled") : own(`dense-${place - 1}-out`);
  const to = place === count - 1 ? POOLED : named("out");
  // inSize x outSize: each row of MatMul's right side is what one number of the vector goes into.
  const turned = Array.from(
    { length: inSize * outSize },
    (_, i) => weights[(i % outSize) * inSize + Math.floor(i / outSize)]!,
  );
  return {
    nodes: [
      graphNode("MatMul", [from, named("weights")], named("product")),
      graphNode("Add", [named("product"), named("bias")], named("sum")),
      graphNode(ACTIVATIONS[activation], [named("sum")], to),
    ],
    constants: [
      floatTensor(named("weights"), [inSize, outSize], turned),
      floatTensor(named("bias"), [outSize], Array.from(bias ?? new Float32Array(outSize))),
    ],
  };
}

const ACTIVATIONS: Readonly<Record<VectorLayer["activation"], string>> = {
  Identity: "Identity",
  Tanh: "Tanh",
  ReLU: "Relu",
  Sigmoid: "Sigmoid",
};
