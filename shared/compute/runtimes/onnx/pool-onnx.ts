/** A text model that gives a vector for each token is made to give one for each text: in the graph, so that it happens in the tab. */
import type { ByteSpace } from "../../byte-space.ts";
import { fail } from "../../model-json.ts";
import type { TokenPooling } from "../runtime-description.ts";
import { onnxInputs, onnxOutputs } from "./edit-onnx.ts";
import * as field from "./onnx-fields.ts";
import { copyFields, graphNode, int64Tensor, withGraph } from "./onnx-pieces.ts";
import { readOnnxModel } from "./read-onnx.ts";
import { WireMessage } from "./wire-message.ts";
import { floatInfo } from "./write-onnx.ts";

/** As sentence-transformers names it. */
const POOLED = "sentence_embedding";
const OWN = "paritab:pooling";
/** From this version on axes are an input of ReduceSum. */
const AXES_INPUT_OPSET = 13;

/**
 * mean: the sum of vectors times mask, over the sum of the mask. cls: the first token's.
 * @returns the file with `sentence_embedding` as its one output: batch x numbers
 * @throws ModelError where it has no such output or no such mask
 */
export function withPooling(file: ByteSpace, { output, mask, pool }: TokenPooling): ByteSpace {
  const { graph, opset } = readOnnxModel(file);
  const outputs = onnxOutputs(file);
  if (!outputs.includes(output)) fail("onnx graph", `an output '${output}'`, outputs);
  const inputs = onnxInputs(file).map(({ name }) => name);
  if (pool === "mean" && !inputs.includes(mask))
    fail("onnx graph", `an input '${mask}', to tell tokens from padding`, inputs);
  const { nodes, constants } = pool === "mean" ? meanOf(output, mask, opset) : firstOf(output);
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

function meanOf(output: string, mask: string, opset: number): Added {
  const [axis, column] = [`${OWN}-axis`, `${OWN}-column`];
  const [floats, shaped, kept, sum, count] = ["floats", "shaped", "kept", "sum", "count"].map((one) => `${OWN}-${one}`);
  const sumOf = (from: string, to: string) =>
    opset < AXES_INPUT_OPSET
      ? graphNode("ReduceSum", [from], to, { axes: [1], keepdims: 0 })
      : graphNode("ReduceSum", [from, axis], to, { keepdims: 0 });
  return {
    nodes: [
      graphNode("Cast", [mask], floats!, { to: field.FLOAT }),
      // batch x tokens becomes batch x tokens x 1: of 0 the shape keeps what is there.
      graphNode("Reshape", [floats!, column], shaped!),
      graphNode("Mul", [output, shaped!], kept!),
      sumOf(kept!, sum!),
      sumOf(shaped!, count!),
      graphNode("Div", [sum!, count!], POOLED),
    ],
    constants: [
      int64Tensor(column, [3], [0, -1, 1]),
      ...(opset < AXES_INPUT_OPSET ? [] : [int64Tensor(axis, [1], [1])]),
    ],
  };
}

function firstOf(output: string): Added {
  const first = `${OWN}-first`;
  return {
    nodes: [graphNode("Gather", [output, first], POOLED, { axis: 1 })],
    constants: [int64Tensor(first, [], [0])],
  };
}
