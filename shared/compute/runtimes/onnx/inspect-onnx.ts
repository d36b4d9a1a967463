/** Shapes and cost of an ONNX graph from its nodes alone. */
import { type ByteSpace, partOf } from "../../byte-space.ts";
import { type UnpackedModel, weightByteCount } from "../../model-bundle.ts";
import { fail } from "../../model-json.ts";
import type { TopologyFacts } from "../runtime-description.ts";
import { readOnnxTopology } from "./onnx-topology.ts";
import { OnnxWalk } from "./walk-onnx.ts";

/** @throws ModelError where an operator is not on the allow-list, shapes do not fit, or there is not one output */
export function inspectOnnx(model: UnpackedModel<ByteSpace>): TopologyFacts {
  const { opset, input, inputs, outputs, nodes, integers } = readOnnxTopology(model.modelTopology);
  const walk = new OnnxWalk(opset, input);
  for (const [name, tensor] of Object.entries(integers)) walk.addIntegers(name, tensor);
  let at = 0;
  for (const spec of model.weightSpecs) {
    const length = weightByteCount(spec);
    walk.addWeights(spec.name, spec.shape, spec.dtype, partOf(model.weightData, at, at + length));
    at += length;
  }
  for (const facts of nodes) walk.add(facts);
  const [name] = outputs;
  if (name === undefined || outputs.length !== 1) return fail("onnx graph", "one output", outputs);
  const facts = walk.factsOf(name);
  return { ...facts, inputs: inputs ?? [{ name: input.name, shape: facts.inputShape, dtype: "float32" }] };
}
