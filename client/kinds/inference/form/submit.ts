/** Sends a form that has been read: the files first, then the job that names them by hash. */
import type { ParitabClient } from "../../../../shared/sdk/paritab-client.ts";
import type { ReadyForm } from "./inference-fields.ts";

export type SubmitStep = "model" | "parity" | "queries" | "labels" | "job";

/** @param onStep is told what goes up now */
export async function submitForm(
  client: ParitabClient,
  form: ReadyForm,
  onStep: (step: SubmitStep) => void,
): Promise<{ jobId: string }> {
  const source = await sourceOf(client, form, onStep);
  onStep("job");
  return client.submit({ ...form.rest, source });
}

async function sourceOf(client: ParitabClient, { uploads, sample }: ReadyForm, onStep: (step: SubmitStep) => void) {
  if (uploads === null) return { kind: "sample" as const, sample: "mnist" as const, ...sample };
  onStep("model");
  const uploadModel = async (files: readonly File[]) =>
    (await client.uploadModel(files.map((file) => ({ name: file.name, data: file })))).modelSha256;
  const modelSha256 = await uploadModel(uploads.model);
  if (uploads.parity.length > 0) onStep("parity");
  const parity = uploads.parity.length > 0 ? { parityModelSha256: await uploadModel(uploads.parity) } : {};
  onStep("queries");
  const { tensorSha256: queriesSha256 } = await client.uploadTensor(uploads.queries);
  if (uploads.labels !== null) onStep("labels");
  const labels = uploads.labels === null ? null : await client.uploadTensor(uploads.labels);
  const { inputScale } = uploads;
  return {
    kind: "uploads" as const,
    modelSha256,
    ...parity,
    queriesSha256,
    inputScale,
    ...(labels === null ? {} : { labelsSha256: labels.tensorSha256 }),
  };
}
