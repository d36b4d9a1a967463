/** What the inference bench is run on: a model, its queries, and what the model says of them. */
import { readFile } from "node:fs/promises";
import type { LoadedModel } from "../../shared/compute/model-runtime.ts";
import { parseNpy } from "../../shared/protocol/npy.ts";
import { testSetNamed } from "../datasets/fetch.ts";
import { loadModel, MODEL_FOLDERS, type ModelFolderName } from "../models/model-files.ts";
import { accuracyOf, runAll } from "../scenarios/mnist-base.ts";

export interface InferenceCase {
  readonly dataset: string;
  readonly modelName: string;
  readonly model: LoadedModel;
  readonly count: number;
  /** count x inputSize */
  readonly queries: Float32Array;
  readonly labels: Uint8Array;
  /** count x outputSize: what the model says */
  readonly outputs: Float32Array;
  /** Share of labels that the model hits. */
  readonly base: number;
  /** Parity models of this one, by K. */
  readonly parityModels: ReadonlyMap<number, LoadedModel>;
}

interface KnownCase {
  readonly dataset: "mnist" | "fashion" | "cifar";
  readonly model: ModelFolderName;
  readonly parityModels?: Readonly<Record<number, ModelFolderName>>;
}

const KNOWN_CASES: readonly KnownCase[] = [
  { dataset: "mnist", model: "mnist-mlp", parityModels: { 8: "mnist-mlp-parity-8" } },
  { dataset: "mnist", model: "mnist-cnn" },
  { dataset: "fashion", model: "fashion-mlp" },
  { dataset: "fashion", model: "fashion-cnn" },
  { dataset: "cifar", model: "cifar-resnet" },
];

/** The model and queries of whoever runs the bench. */
export interface OwnCase {
  /** Folder with model.json. */
  readonly modelFolder: string;
  /** count x input shape, .npy, numbers */
  readonly queriesFile: string;
  /** count, .npy, whole numbers 0..outputSize-1 */
  readonly labelsFile: string;
  /** Queries are multiplied by it. */
  readonly inputScale: number;
}

/** @param datasets which of mnist, fashion, cifar */
export function knownCasesOf(datasets: readonly string[]): readonly KnownCase[] {
  const known = KNOWN_CASES.filter(({ dataset }) => datasets.includes(dataset));
  if (known.length === 0) throw new Error(`inference: expected data sets mnist, fashion, cifar, got ${datasets}`);
  return known;
}

/** @param limit the first so many test images. @throws DatasetError where the data set cannot be had */
export async function loadKnownCase(
  { dataset, model: name, parityModels }: KnownCase,
  limit: number,
  progress: (line: string) => void,
): Promise<InferenceCase> {
  const set = await testSetNamed(dataset, progress);
  const count = Math.min(limit, set.count);
  const inputSize = set.rows * set.columns * set.channels;
  const queries = Float32Array.from(set.images.subarray(0, count * inputSize), (pixel) => pixel / 255);
  const model = await loadModel(MODEL_FOLDERS[name]);
  const loaded = Object.entries(parityModels ?? {}).map(
    async ([k, folder]) => [Number(k), await loadModel(MODEL_FOLDERS[folder])] as const,
  );
  const parities = new Map(await Promise.all(loaded));
  return answered(dataset, name, model, queries, set.labels.subarray(0, count), parities);
}

/** @throws Error where files do not fit each other */
export async function loadOwnCase(own: OwnCase, limit: number): Promise<InferenceCase> {
  const model = await loadModel(own.modelFolder);
  const [queries, labels] = [parseNpy(await readFile(own.queriesFile)), parseNpy(await readFile(own.labelsFile))];
  const { inputSize, outputSize } = model.facts;
  const available = queries.shape[0] ?? 0;
  if (queries.data.length !== available * inputSize || labels.data.length !== available) {
    const got = `shape (${queries.shape}) and (${labels.shape})`;
    throw new Error(`inference: expected (n, ${model.facts.inputShape}) queries and n labels, got ${got}`);
  }
  const count = Math.min(limit, available);
  const scaled = Float32Array.from({ length: count * inputSize }, (_, at) => Number(queries.data[at]) * own.inputScale);
  const classes = Uint8Array.from({ length: count }, (_, q) => Number(labels.data[q]));
  if (classes.some((label, q) => label >= outputSize || label !== Number(labels.data[q]))) {
    throw new Error(`inference: expected labels in 0..${outputSize - 1}, got others`);
  }
  return answered("own", own.modelFolder, model, scaled, classes, new Map());
}

async function answered(
  dataset: string,
  modelName: string,
  model: LoadedModel,
  queries: Float32Array,
  labels: Uint8Array,
  parityModels: ReadonlyMap<number, LoadedModel>,
): Promise<InferenceCase> {
  const count = labels.length;
  const outputs = await runAll(model, queries, count);
  const base = accuracyOf(outputs, labels, model.facts.outputSize);
  return { dataset, modelName, model, count, queries, labels, outputs, base, parityModels };
}
