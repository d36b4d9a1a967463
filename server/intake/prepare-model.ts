/** A model as it was uploaded: packed into one blob and looked through, before anything of it is stored or run. */
import { ModelError } from "../../shared/compute/errors.ts";
import { inspectModel } from "../../shared/compute/inspect-model.ts";
import { packModel } from "../../shared/compute/model-bundle.ts";
import type { ModelFacts } from "../../shared/compute/model-runtime.ts";
import { packOnnx } from "../../shared/compute/runtimes/onnx/pack-onnx.ts";
import { outputNames, selectOutput } from "../../shared/compute/select-output.ts";

/** The files of a tfjs model, or one .onnx file. */
export type ModelUpload = TfjsUpload | { readonly onnx: Uint8Array };

export interface TfjsUpload {
  readonly modelJson: Uint8Array;
  /** Under the names that model.json gives them. */
  readonly weightFiles: readonly { readonly name: string; readonly bytes: Uint8Array }[];
}

export interface UsableOutput {
  readonly name: string;
  readonly facts: ModelFacts;
}

export interface PreparedModel {
  readonly bundle: Uint8Array;
  readonly outputs: readonly [UsableOutput, ...UsableOutput[]];
}

/** problem: what was expected and what came. Errors lose their class between threads, so this is no exception. */
export type ModelVerdict = PreparedModel | { readonly problem: string };

export function prepareModel(upload: ModelUpload): ModelVerdict {
  try {
    const bundle = "onnx" in upload ? packOnnx(upload.onnx) : packModel(upload.modelJson, upload.weightFiles);
    return { bundle, outputs: usableOutputs(bundle) };
  } catch (error) {
    if (error instanceof ModelError) return { problem: error.message };
    throw error;
  }
}

/** @throws ModelError where no output can be run: what is wrong with the first */
function usableOutputs(bundle: Uint8Array): [UsableOutput, ...UsableOutput[]] {
  const problems: ModelError[] = [];
  const [first, ...others] = outputNames(bundle).flatMap((name, place): UsableOutput[] => {
    try {
      return [{ name, facts: inspectModel(selectOutput(bundle, place)) }];
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
      problems.push(error);
      return [];
    }
  });
  if (first === undefined) throw problems[0] ?? new ModelError("model: expected an output, got none");
  return [first, ...others];
}
