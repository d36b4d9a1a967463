/** What the benches of inference and of attacks are run on: a model, its queries, and what the model says of them. */
import { readFile } from "node:fs/promises";
import type { LoadedModel } from "../../shared/compute/model-runtime.ts";
import { parseNpy } from "../../shared/protocol/npy.ts";
import { testSetNamed } from "../datasets/fetch.ts";
import { bundleOf, loadModel, MODEL_FOLDERS, type ModelFolderName } from "../models/model-files.ts";
import { accuracyOf, runAll } from "../proofs/scenarios/mnist-base.ts";

export interface InferenceCase {
  readonly dataset: string;
  readonly modelName: string;
  readonly model: LoadedModel;
  /** The same model, as a submitter uploads it. */
  readonly bundle: Uint8Array;
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
}

const KNOWN_CASES: readonly KnownCase[] = [
  { dataset: "mnist", model: "mnist-mlp" },
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
  if (known.length === 0) throw new Error(`expected data sets mnist, fashion, cifar, got ${datasets}`);
  return known;
}

/** @param limit the first so many test images. @throws DatasetError where the data set cannot be had */
export async function loadKnownCase(
  { dataset, model: name }: KnownCase,
  limit: number,
  progress: (line: string) => void,
): Promise<InferenceCase> {
  const set = await testSetNamed(dataset, progress);
  const count = Math.min(limit, set.count);
  const inputSize = set.rows * set.columns * set.channels;
  const queries = Float32Array.from(set.images.subarray(0, count * inputSize), (pixel) => pixel / 255);
  const [model, bundle] = [await loadModel(MODEL_FOLDERS[name]), await bundleOf(MODEL_FOLDERS[name])];
  const prefix = `${name}-parity-`;
  const parityFolders = Object.entries(MODEL_FOLDERS).filter(([folder]) => folder.startsWith(prefix));
  const loaded = parityFolders.map(
    async ([folder, path]) => [Number(folder.slice(prefix.length)), await loadModel(path)] as const,
  );
  const parities = new Map(await Promise.all(loaded));
  return answered({ dataset, modelName: name, model, bundle, queries }, set.labels.subarray(0, count), parities);
}

/** The same with its first `count` queries alone, or all where there are fewer. */
export function firstQueriesOf(inferenceCase: InferenceCase, count: number): InferenceCase {
  if (count >= inferenceCase.count) return inferenceCase;
  const { inputSize, outputSize } = inferenceCase.model.facts;
  const [labels, outputs] = [
    inferenceCase.labels.subarray(0, count),
    inferenceCase.outputs.subarray(0, count * outputSize),
  ];
  const queries = inferenceCase.queries.subarray(0, count * inputSize);
  return { ...inferenceCase, count, queries, labels, outputs, base: accuracyOf(outputs, labels, outputSize) };
}

/** @throws Error where files do not fit each other */
export async function loadOwnCase(own: OwnCase, limit: number): Promise<InferenceCase> {
  const [model, bundle] = [await loadModel(own.modelFolder), await bundleOf(own.modelFolder)];
  const [queries, labels] = [parseNpy(await readFile(own.queriesFile)), parseNpy(await readFile(own.labelsFile))];
  const { inputSize, outputSize } = model.facts;
  const available = queries.shape[0] ?? 0;
  if (queries.data.length !== available * inputSize || labels.data.length !== available) {
    const got = `shape (${queries.shape}) and (${labels.shape})`;
    throw new Error(`--queries, --labels: expected (n, ${model.facts.inputShape}) queries and n labels, got ${got}`);
  }
  const count = Math.min(limit, available);
  const scaled = Float32Array.from({ length: count * inputSize }, (_, at) => Number(queries.data[at]) * own.inputScale);
  const classes = Uint8Array.from({ length: count }, (_, q) => Number(labels.data[q]));
  if (classes.some((label, q) => label >= outputSize || label !== Number(labels.data[q]))) {
    throw new Error(`--labels: expected whole numbers in 0..${outputSize - 1}, got others`);
  }
  return answered({ dataset: "own", modelName: own.modelFolder, model, bundle, queries: scaled }, classes, new Map());
}

/** The same model on its first queries alone. */
export function firstOf(inferenceCase: InferenceCase, limit: number): InferenceCase {
  const { model, queries, labels, outputs } = inferenceCase;
  const count = Math.min(limit, inferenceCase.count);
  const kept = {
    queries: queries.subarray(0, count * model.facts.inputSize),
    labels: labels.subarray(0, count),
    outputs: outputs.subarray(0, count * model.facts.outputSize),
  };
  return { ...inferenceCase, ...kept, count, base: accuracyOf(kept.outputs, kept.labels, model.facts.outputSize) };
}

async function answered(
  asked: Pick<InferenceCase, "dataset" | "modelName" | "model" | "bundle" | "queries">,
  labels: Uint8Array,
  parityModels: ReadonlyMap<number, LoadedModel>,
): Promise<InferenceCase> {
  const count = labels.length;
  const outputs = await runAll(asked.model, asked.queries, count);
  const base = accuracyOf(outputs, labels, asked.model.facts.outputSize);
  return { ...asked, count, labels, outputs, base, parityModels };
}

/** What the command line says of it. */
export const OWN_CASE_FLAGS = ["model", "queries", "labels", "input-scale"] as const;

/** @throws Error where some of --model, --queries and --labels are there and others are not */
export function ownCaseOf(values: {
  model?: string | undefined;
  queries?: string | undefined;
  labels?: string | undefined;
  "input-scale"?: string | undefined;
}): OwnCase | null {
  const { model, queries, labels } = values;
  if (model === undefined && queries === undefined && labels === undefined) return null;
  if (model === undefined || queries === undefined || labels === undefined) {
    throw new Error("expected --model, --queries and --labels together, got some of them");
  }
  const inputScale = Number(values["input-scale"] ?? 1);
  if (!Number.isFinite(inputScale)) throw new Error(`--input-scale: expected a number, got ${values["input-scale"]}`);
  return { modelFolder: model, queriesFile: queries, labelsFile: labels, inputScale };
}
