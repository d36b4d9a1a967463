/** A model as it was uploaded: packed into one blob and looked through, before anything of it is stored or run. */
import { createHash } from "node:crypto";
import { type ByteSpace, piecesInTurn } from "../../shared/compute/byte-space.ts";
import { ModelError } from "../../shared/compute/errors.ts";
import { unpackFormat, unpackModel, withSource } from "../../shared/compute/model-bundle.ts";
import { factsOf } from "../../shared/compute/model-facts.ts";
import { packModelFiles } from "../../shared/compute/model-files.ts";
import { fail } from "../../shared/compute/model-json.ts";
import type { ModelFacts } from "../../shared/compute/model-runtime.ts";
import type { ModelFormat, SourceFile } from "../../shared/compute/runtimes/runtime-description.ts";
import { runtimeOfFormat } from "../../shared/compute/runtimes/runtimes.ts";
import { selectOutputOf } from "../../shared/compute/select-output.ts";
import { packSource } from "../../shared/compute/source-files.ts";
import { MODEL_OUTPUTS_MAX } from "../../shared/protocol/limits.ts";

export interface UsableOutput {
  readonly name: string;
  readonly facts: ModelFacts;
  /** The shape of one row's answer. */
  readonly shape: readonly number[];
}

/** In the model's own order; one at least. */
export type UsableOutputs = readonly [UsableOutput, ...UsableOutput[]];

export interface PreparedModel {
  /** Of files that are not in memory it is not either: it is read from where they lie. */
  readonly bundle: ByteSpace;
  readonly outputs: UsableOutputs;
  /** The files as they came, which the bundle names by their hash; null: they are too large to be kept. */
  readonly source: ByteSpace | null;
}

/** problem: what was expected and what came. Errors lose their class between threads, so this is no exception. */
export type ModelVerdict = PreparedModel | { readonly problem: string };

/** @param files of one model, each under its name */
export async function prepareModel(files: readonly SourceFile[]): Promise<ModelVerdict> {
  try {
    const packed = await packModelFiles(files);
    const source = packSource(files);
    const bundle = source === null ? packed : withSource(packed, hashOf(source));
    const format = await runtimeOfFormat(unpackFormat(bundle)).loadFormat();
    return { bundle, outputs: usableOutputs(format, bundle), source };
  } catch (error) {
    if (error instanceof ModelError) return { problem: error.message };
    throw error;
  }
}

function hashOf(space: ByteSpace): string {
  const hash = createHash("sha256");
  for (const piece of piecesInTurn(space)) hash.update(piece);
  return hash.digest("hex");
}

/** @throws ModelError where no output can be run: what is wrong with the first */
export function usableOutputs(format: ModelFormat, bundle: ByteSpace): UsableOutputs {
  const problems: ModelError[] = [];
  const named = format.outputs(unpackModel(bundle));
  if (named.length > MODEL_OUTPUTS_MAX) fail("model", `at most ${MODEL_OUTPUTS_MAX} outputs`, named.length);
  const [first, ...others] = named.flatMap(({ name }, place): UsableOutput[] => {
    try {
      const model = unpackModel(selectOutputOf(format, bundle, place));
      const topology = format.topologyFacts(model);
      return [{ name, facts: factsOf(model, topology), shape: topology.outputShape }];
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
      problems.push(error);
      return [];
    }
  });
  if (first === undefined) throw problems[0] ?? new ModelError("model: expected an output, got none");
  return [first, ...others];
}
