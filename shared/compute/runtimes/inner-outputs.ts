/**
 * Values within a model that are to be its outputs, as whoever submits it says them: a file beside the model, { "outputs": ["boxes", "scores"] }.
 * What comes behind them, such as the suppression of boxes, is left out, and need not be taken.
 */
import { MODEL_OUTPUTS_MAX } from "../../protocol/limits.ts";
import { asArray, asText, fail, parseModelJson } from "../model-json.ts";
import { MODEL_OUTPUTS_FILE, type SourceFile } from "./runtime-description.ts";

/** @returns names as the model's file has them @throws ModelError where it is no such file */
export function readInnerOutputs({ bytes }: Pick<SourceFile, "bytes">): string[] {
  const what = `${MODEL_OUTPUTS_FILE}: outputs`;
  const names = asArray(parseModelJson(bytes, MODEL_OUTPUTS_FILE).outputs, what).map((name) => asText(name, what));
  if (names.length < 1 || names.length > MODEL_OUTPUTS_MAX) fail(what, `1 to ${MODEL_OUTPUTS_MAX} names`, names.length);
  if (new Set(names).size < names.length) fail(what, "names that differ", names);
  return names;
}
