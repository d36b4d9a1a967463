/** What back-ends are compared on: every model of the project, with queries as they are and with mixtures of them. */
import { encodeGroups } from "../../shared/coding/encode-groups.ts";
import { localityOrder } from "../../shared/coding/locality.ts";
import { makeScheme } from "../../shared/coding/make-scheme.ts";
import { PROBE_INPUT_RANGE, PROBE_INPUT_SIZE, probeBundle } from "../../shared/compute/probe.ts";
import { randomAt } from "../../shared/random/simulation-random.ts";
import { testSetNamed } from "../datasets/fetch.ts";
import { bundleOf, MODEL_FOLDERS, type ModelFolderName } from "../models/model-files.ts";

export interface ToleranceCase {
  readonly model: string;
  readonly rows: "queries" | "mixtures";
  readonly bundle: Uint8Array;
  /** n x inputSize */
  readonly inputs: Float32Array;
}

const K = 8;
const PARITIES = 4;
/** Models on a data set of the project. Rows: of large models fewer, for a page without a graphics card takes long. */
const MODELS: readonly { model: ModelFolderName; dataset: string; rows: number }[] = [
  { model: "mnist-mlp", dataset: "mnist", rows: 2_400 },
  { model: "mnist-cnn", dataset: "mnist", rows: 480 },
  { model: "fashion-cnn", dataset: "fashion", rows: 480 },
  { model: "cifar-resnet", dataset: "cifar", rows: 120 },
];
const PROBE_ROWS = 2_400;
const ORDER_DRAW = 70;
const PROBE_DRAW = 71;

/**
 * @param limit rows of each case, at most. A data set that cannot be had is left out, and said.
 * @param setNamed where images come from
 */
export async function* toleranceCases(
  seed: number,
  limit: number,
  progress: (line: string) => void,
  setNamed: typeof testSetNamed = testSetNamed,
): AsyncGenerator<ToleranceCase> {
  const random = randomAt(seed, PROBE_DRAW);
  const inputs = Float32Array.from({ length: Math.min(limit, PROBE_ROWS) * PROBE_INPUT_SIZE }, () => {
    return (2 * random.uniform() - 1) * PROBE_INPUT_RANGE;
  });
  yield { model: "probe", rows: "queries", bundle: probeBundle(), inputs };

  for (const { model, dataset, rows } of MODELS) {
    const set = await setNamed(dataset, progress).catch((error: Error) => progress(`${model}: ${error.message}`));
    if (!set) continue;
    const inputSize = set.rows * set.columns * set.channels;
    const groupCount = Math.ceil(Math.min(limit, rows, set.count) / K);
    const count = groupCount * K;
    const queries = Float32Array.from(set.images.subarray(0, count * inputSize), (pixel) => pixel / 255);
    const bundle = await bundleOf(MODEL_FOLDERS[model]);
    yield { model, rows: "queries", bundle, inputs: queries };
    yield { model, rows: "mixtures", bundle, inputs: mixturesOf(queries, groupCount, inputSize, seed) };
  }
}

/** What parities of the systematic code compute: groupCount x PARITIES rows. */
function mixturesOf(queries: Float32Array, groupCount: number, inputSize: number, seed: number): Float32Array {
  const scheme = makeScheme("systematic", { queryCount: K, stragglerCount: PARITIES, liarCount: 0 });
  const order = localityOrder(queries, groupCount * K, inputSize, K, randomAt(seed, ORDER_DRAW));
  const groups = new Float32Array(queries.length);
  order.forEach((query, row) => {
    groups.set(queries.subarray(query * inputSize, (query + 1) * inputSize), row * inputSize);
  });
  const parities = encodeGroups(scheme, groups, groupCount, inputSize).slice(K);
  const mixtures = new Float32Array(PARITIES * groupCount * inputSize);
  parities.forEach((batch, p) => {
    mixtures.set(batch, p * groupCount * inputSize);
  });
  return mixtures;
}
