/** How ONNX models are read and inspected. */
import { repackModel, type UnpackedModel } from "../../model-bundle.ts";
import type { ModelFormat } from "../runtime-description.ts";
import { inspectOnnx } from "./inspect-onnx.ts";
import { joinOutputs, keepOutput } from "./onnx-outputs.ts";
import { type OnnxTopology, readOnnxTopology } from "./onnx-topology.ts";
import { packOnnx } from "./pack-onnx.ts";

export const onnxFormat: ModelFormat = {
  companions: () => [],
  pack: ({ bytes }) => packOnnx(bytes),
  topologyFacts: inspectOnnx,
  outputs: ({ modelTopology }) => readOnnxTopology(modelTopology).outputs.map((name) => ({ name, tensor: name })),
  keepOutput(model, { tensor }) {
    const topology = keepOutput(readOnnxTopology(model.modelTopology), tensor);
    const taken = new Set(topology.nodes.flatMap(({ inputs }) => inputs));
    return repacked(model, topology, (weight) => taken.has(weight));
  },
  joinOutputs: (model) => repacked(model, joinOutputs(readOnnxTopology(model.modelTopology)), () => true),
};

function repacked(model: UnpackedModel, topology: OnnxTopology, isKept: (weight: string) => boolean): Uint8Array {
  return repackModel(model, { ...topology }, null, isKept);
}
