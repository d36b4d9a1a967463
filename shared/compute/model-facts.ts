/** What a static look at a model's topology says of it, and what follows from that within the limits. */
import { MODEL_ACTIVATION_SIZE_MAX, MODEL_MACS_PER_QUERY_MAX, MODEL_OUTPUT_SIZE_MAX } from "../protocol/limits.ts";
import type { ByteSpace } from "./byte-space.ts";
import { checkedSize } from "./checked-size.ts";
import { computedByteCount, type UnpackedModel, unpackModel } from "./model-bundle.ts";
import { fail } from "./model-json.ts";
import type { ModelFacts } from "./model-runtime.ts";
import type { ModelFormat, TopologyFacts } from "./runtimes/runtime-description.ts";

/** @param format the reader of the bundle's format @throws ModelError as inspectModel */
export function factsOfBundle(format: ModelFormat, bundle: ByteSpace): ModelFacts {
  const model = unpackModel(bundle);
  return factsOf(model, format.topologyFacts(model));
}

/** @throws ModelError where the model exceeds a limit (limits.ts, MODEL_*) */
export function factsOf(model: UnpackedModel<ByteSpace>, topology: TopologyFacts): ModelFacts {
  const outputSize = checkedSize(topology.outputShape, MODEL_OUTPUT_SIZE_MAX, "model output");
  if (topology.macs > MODEL_MACS_PER_QUERY_MAX) {
    fail("model", `at most ${MODEL_MACS_PER_QUERY_MAX} multiply-adds a query${whatFits(topology)}`, topology.macs);
  }
  return {
    inputShape: topology.inputShape,
    inputs: topology.inputs ?? [{ name: "input", shape: topology.inputShape, dtype: "float32" }],
    inputSize: checkedSize(topology.inputShape, MODEL_ACTIVATION_SIZE_MAX, "model input"),
    outputSize,
    macsPerQuery: topology.macs,
    weightBytes: model.weightSpecs.reduce((sum, spec) => sum + computedByteCount(spec), 0),
    activationsPerQuery: topology.activations,
    numbersPerRun: topology.numbersPerRun,
    ...(topology.jumps === undefined ? {} : { jumps: topology.jumps }),
  };
}

/** Layers that look at pictures cost as much as a picture has places: of smaller ones the same model fits. */
function whatFits({ inputShape, macs }: TopologyFacts): string {
  if (inputShape.length !== 3) return "";
  const percent = Math.floor(100 * Math.sqrt(MODEL_MACS_PER_QUERY_MAX / macs));
  return ` (of pictures with sides of ${percent} % of these, if it takes any size, about as many)`;
}
