import { ModelError } from "../../errors.ts";
import { packBundle, repackModel } from "../../model-bundle.ts";
import { asArray, asObject, asShape, parseModelJson } from "../../model-json.ts";
import type { ModelFormat } from "../runtime-description.ts";

export const linearFormat: ModelFormat = {
  companions: () => [],
  pack({ name, bytes }) {
    const rows = asArray(parseModelJson(bytes, name).weights, "weights").map((row) => asArray(row, "weights: row"));
    const numbers = rows.flat().map(Number);
    const width = rows[0]?.length ?? 0;
    if (width === 0 || rows.some((row) => row.length !== width)) throw new ModelError("weights: expected equal rows");
    if (!numbers.every(Number.isFinite)) throw new ModelError("weights: expected finite numbers");
    const shape = [rows.length, width];
    const header = {
      format: "linear",
      modelTopology: { shape },
      weightSpecs: [{ name: "weights", shape, dtype: "float32" }],
    };
    return packBundle(header, [new Uint8Array(Float32Array.from(numbers).buffer)]);
  },
  topologyFacts({ modelTopology }) {
    const [outputs, inputs] = asShape(asObject(modelTopology, "modelTopology").shape, "shape") as [number, number];
    const facts = { macs: inputs * outputs, activations: inputs + outputs, numbersPerRun: 0 };
    return { inputShape: [inputs], outputShape: [outputs], ...facts };
  },
  outputs: () => [{ name: "output", tensor: "output" }],
  keepOutput: (model) => repackModel(model, model.modelTopology, null, () => true),
  joinOutputs() {
    throw new ModelError("a linear model has one output");
  },
};
