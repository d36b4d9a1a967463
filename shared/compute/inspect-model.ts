/** What a model is and costs, found out before anything of it is allocated or run. */
import { MODEL_ACTIVATION_SIZE_MAX, MODEL_MACS_PER_QUERY_MAX, MODEL_OUTPUT_SIZE_MAX } from "../protocol/limits.ts";
import { checkedSize } from "./checked-size.ts";
import { type ModelFormat, type UnpackedModel, unpackModel } from "./model-bundle.ts";
import { fail } from "./model-json.ts";
import type { ModelFacts } from "./model-runtime.ts";
import { inspectOnnx } from "./runtimes/onnx/inspect-onnx.ts";
import { inspectGraph } from "./runtimes/tfjs/inspect-graph.ts";
import { inspectLayers, type TopologyFacts } from "./runtimes/tfjs/inspect-layers.ts";

/**
 * @param bundle a packed model (model-bundle.ts)
 * @throws ModelError where the model holds a layer or op that is not on the allow-list, has other than one input and one
 *   output, dimensions beyond the batch that are not fixed, weights that do not fit its topology, rows that depend on each
 *   other, or exceeds a limit (limits.ts, MODEL_*)
 */
export function inspectModel(bundle: Uint8Array): ModelFacts {
  return factsOf(unpackModel(bundle));
}

const TOPOLOGY_FACTS: Readonly<Record<ModelFormat, (model: UnpackedModel) => TopologyFacts>> = {
  "layers-model": layersFacts,
  "graph-model": inspectGraph,
  onnx: inspectOnnx,
};

export function factsOf(model: UnpackedModel): ModelFacts {
  const topology = TOPOLOGY_FACTS[model.format](model);
  const outputSize = checkedSize(topology.outputShape, MODEL_OUTPUT_SIZE_MAX, "model output");
  if (topology.macs > MODEL_MACS_PER_QUERY_MAX) {
    fail("model", `at most ${MODEL_MACS_PER_QUERY_MAX} multiply-adds a query`, topology.macs);
  }
  return {
    inputShape: topology.inputShape,
    inputSize: checkedSize(topology.inputShape, MODEL_ACTIVATION_SIZE_MAX, "model input"),
    outputSize,
    macsPerQuery: topology.macs,
    weightBytes: model.weightData.length,
    activationsPerQuery: topology.activations,
    numbersPerRun: topology.numbersPerRun,
  };
}

/** tfjs allocates what the topology asks for before it looks at the weights, so both must agree first. */
function layersFacts(model: UnpackedModel): TopologyFacts {
  const facts = inspectLayers(model.modelTopology);
  let given = 0;
  for (const spec of model.weightSpecs) {
    if (spec.dtype !== "float32") fail(`weights '${spec.name}'`, "float32 in a Layers model", spec.dtype);
    given += spec.shape.reduce((size, length) => size * length, 1);
  }
  if (given !== facts.weights) fail("model weights", `${facts.weights} numbers, as the layers have`, given);
  return facts;
}
