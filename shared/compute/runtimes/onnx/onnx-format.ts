/** How ONNX models are read and inspected. */
import type { ByteSpace } from "../../byte-space.ts";
import { repackModel, type UnpackedModel } from "../../model-bundle.ts";
import { fail } from "../../model-json.ts";
import { readInnerOutputs } from "../inner-outputs.ts";
import { readInputSizes } from "../input-sizes.ts";
import {
  fileCalled,
  INPUT_SIZES_FILE,
  INPUT_VALUES_FILE,
  MODEL_OUTPUTS_FILE,
  type ModelFormat,
  type SourceFile,
} from "../runtime-description.ts";
import { inspectOnnx } from "./inspect-onnx.ts";
import { joinOutputs, keepOutput } from "./onnx-outputs.ts";
import { type OnnxTopology, readOnnxTopology } from "./onnx-topology.ts";
import { readInputValues } from "./onnx-values.ts";
import { companionsOfOnnx, onnxBundle } from "./pack-onnx.ts";

export const onnxFormat: ModelFormat = {
  companions: companionsOfOnnx,
  pack({ bytes }, others) {
    const sizes = fileCalled(others, INPUT_SIZES_FILE);
    const values = fileCalled(others, INPUT_VALUES_FILE);
    const outputs = fileCalled(others, MODEL_OUTPUTS_FILE);
    const weights = named(
      bytes,
      others.filter((other) => ![sizes, values, outputs].includes(other)),
    );
    return onnxBundle(bytes, weights, {
      ...(sizes && { sizes: readInputSizes(sizes) }),
      ...(values && { values: readInputValues(values) }),
      ...(outputs && { outputs: readInnerOutputs(outputs) }),
    });
  },
  topologyFacts: inspectOnnx,
  outputs: ({ modelTopology }) => readOnnxTopology(modelTopology).outputs.map((name) => ({ name, tensor: name })),
  keepOutput(model, { tensor }) {
    const topology = keepOutput(readOnnxTopology(model.modelTopology), tensor);
    const taken = new Set(topology.nodes.flatMap(({ inputs }) => inputs));
    return repacked(model, topology, (weight) => taken.has(weight));
  },
  joinOutputs: (model) => repacked(model, joinOutputs(readOnnxTopology(model.modelTopology)), () => true),
};

/** @throws ModelError where a file came along that the model does not name */
function named(main: ByteSpace, others: readonly SourceFile[]): Map<string, ByteSpace> {
  if (others.length === 0) return new Map();
  const wanted = new Set(companionsOfOnnx(main));
  for (const { name } of others) {
    if (!wanted.has(name))
      fail(
        "model files",
        "one .onnx file, input-sizes.json, input-values.json, model-outputs.json, and the files of weights that it names",
        name,
      );
  }
  return new Map(others.map(({ name, bytes }) => [name, bytes]));
}

function repacked(
  model: UnpackedModel<ByteSpace>,
  topology: OnnxTopology,
  isKept: (weight: string) => boolean,
): ByteSpace {
  return repackModel(model, { ...topology }, null, isKept);
}
