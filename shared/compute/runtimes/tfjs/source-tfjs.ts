/** A tfjs model as its files came, in place of what packing made of them. */
import * as tf from "#tfjs";
import { ModelError } from "../../errors.ts";
import { unpackModel } from "../../model-bundle.ts";
import { asArray, asObject, asText, type JsonObject, parseModelJson } from "../../model-json.ts";
import type { LoadedModel } from "../../model-runtime.ts";
import { readBesideSource, unpackSource } from "../../source-files.ts";
import { heldByFloat32 } from "../../whole-answers.ts";
import type { NamedFile } from "../runtime-description.ts";
import { loadSource, type SourceRun } from "../source-model.ts";
import { tfjsFormat } from "./tfjs-format.ts";

/** The back-end WebAssembly has been started. @param joined what source-files.ts joins */
export async function loadTfjsSource(joined: Uint8Array): Promise<LoadedModel> {
  const beside = readBesideSource(joined);
  const files = unpackSource(beside.source);
  const { format } = unpackModel(beside.bundle);
  const { inputShape, inputs } = tfjsFormat.topologyFacts(unpackModel(beside.bundle));
  const isMain = ({ name }: NamedFile) => name === "model.json" || name.endsWith("/model.json");
  const json = parseModelJson(files.find(isMain)!.bytes, "model.json");
  const handler = tf.io.fromMemory({
    modelTopology: asObject(json.modelTopology, "model.json: modelTopology"),
    ...(json.signature === undefined ? {} : { signature: asObject(json.signature, "signature") }),
    ...weightsOf(json, files),
  });
  const dtype = inputs?.[0]?.dtype === "int32" || inputs?.[0]?.dtype === "bool" ? inputs[0].dtype : "float32";
  await tf.setBackend("wasm");
  const load = async (): Promise<tf.GraphModel | tf.LayersModel> =>
    format === "graph-model" ? tf.loadGraphModel(handler) : tf.loadLayersModel(handler);
  const model = await explained(load);
  const own: SourceRun = {
    async run(row) {
      await tf.setBackend("wasm");
      const input = tf.tensor(row, [1, ...inputShape], dtype);
      const outputs = await explained(async () => outputsOf(model, input, beside.outputs));
      const numbers: number[] = [];
      for (const one of outputs) {
        const values: ArrayLike<number> = await one.data();
        for (let i = 0; i < values.length; i++)
          numbers.push(one.dtype === "int32" ? heldByFloat32(values[i]!) : values[i]!);
      }
      for (const one of [input, ...outputs]) one.dispose();
      return numbers;
    },
    dispose: () => model.dispose(),
  };
  return loadSource(tfjsFormat, beside, own);
}

function outputsOf(model: tf.GraphModel | tf.LayersModel, input: tf.Tensor, names: readonly string[]): tf.Tensor[] {
  return tf.tidy(() => {
    const made = model instanceof tf.LayersModel ? model.predictOnBatch(input) : model.execute(input, [...names]);
    const all = Array.isArray(made) ? made : [made as tf.Tensor];
    if (!(model instanceof tf.LayersModel)) return all;
    return names.map((name) => all[Math.max(0, model.outputNames.indexOf(name))]!);
  });
}

function weightsOf(json: JsonObject, files: readonly NamedFile[]) {
  const groups = asArray(json.weightsManifest, "weightsManifest").map((one) => asObject(one, "weightsManifest"));
  const parts = groups.flatMap(({ paths }) => {
    return asArray(paths, "paths").map((path) => files.find(({ name }) => name === asText(path, "paths"))!.bytes);
  });
  const weightData = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  parts.reduce((at, part) => {
    weightData.set(part, at);
    return at + part.length;
  }, 0);
  const weightSpecs = groups.flatMap(({ weights }) => asArray(weights, "weights") as tf.io.WeightsManifestEntry[]);
  return { weightSpecs, weightData: weightData.buffer };
}

async function explained<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new ModelError(`tfjs cannot run the files: ${error instanceof Error ? error.message : error}`);
  }
}
