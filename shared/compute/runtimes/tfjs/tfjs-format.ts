/** How tfjs models are read and inspected: Layers and Graph models, each by files of its own. */
import type { ByteSpace } from "../../byte-space.ts";
import type { UnpackedModel } from "../../model-bundle.ts";
import { fail } from "../../model-json.ts";
import type { ModelFormat } from "../runtime-description.ts";
import { graphOutputs, joinGraphOutputs, keepGraphOutput } from "./graph-outputs.ts";
import { inspectGraph } from "./inspect-graph.ts";
import { inspectLayersModel } from "./inspect-layers.ts";
import { joinLayerOutputs, keepLayerOutput, layerOutputs } from "./layer-outputs.ts";
import { tfjsBundle, weightFilesOf } from "./pack-tfjs.ts";

type OfTopology = Pick<ModelFormat, "topologyFacts" | "outputs" | "keepOutput" | "joinOutputs">;

const layers: OfTopology = {
  topologyFacts: inspectLayersModel,
  outputs: layerOutputs,
  keepOutput: keepLayerOutput,
  joinOutputs: joinLayerOutputs,
};
const graph: OfTopology = {
  topologyFacts: inspectGraph,
  outputs: graphOutputs,
  keepOutput: keepGraphOutput,
  joinOutputs: joinGraphOutputs,
};

function readerOf({ format }: UnpackedModel<ByteSpace>): OfTopology {
  if (format === "layers-model") return layers;
  return format === "graph-model" ? graph : fail("tfjs", "a Layers or a Graph model", format);
}

export const tfjsFormat: ModelFormat = {
  companions: weightFilesOf,
  pack: ({ bytes }, weightFiles) => tfjsBundle(bytes, weightFiles),
  topologyFacts: (model) => readerOf(model).topologyFacts(model),
  outputs: (model) => readerOf(model).outputs(model),
  keepOutput: (model, output) => readerOf(model).keepOutput(model, output),
  joinOutputs: (model, outputs) => readerOf(model).joinOutputs(model, outputs),
};
