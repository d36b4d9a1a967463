/** What the coordinator is asked about the job in the form, before any file of it is sent. Pure. */
import type { InferenceEstimateInput as EstimateInput } from "../../../../../shared/kinds/inference/estimate.ts";
import { type InferenceFields, readInferenceForm } from "../inference-fields.ts";
import type { Preview } from "../preview/preview-data.ts";
import type { ModelSizes } from "./use-local-model.ts";

export type { EstimateInput };

/**
 * @param model of one's own files; null: not chosen, or not read yet
 * @returns null: too little is known yet
 */
export function estimateRequest(
  fields: InferenceFields,
  preview: (Pick<Preview, "queryCount"> & { readonly rows: Pick<Preview["rows"], "dtype"> }) | null,
  model: ModelSizes | null,
): EstimateInput | null {
  const reading = readInferenceForm(fields);
  if ("problems" in reading) return null;
  const form = reading.submission;
  // Names cost nothing, and are not asked about again where they change.
  const { name: _name, submitter: _submitter, purpose: _purpose, ...rest } = form.rest;
  if (form.sample !== null) return { ...rest, source: { kind: "sample", sample: "mnist", ...form.sample } };
  if (preview === null || model === null) return null;
  const { queryCount, rows } = preview;
  const { output: _output, ...costing } = rest;
  const queryDtype = rows.dtype === "U8" ? "U8" : "F32";
  return { ...costing, source: { kind: "sizes", queryCount, queryDtype, ...model } };
}
