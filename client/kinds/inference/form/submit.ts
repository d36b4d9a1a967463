/** Sends a form that has been read: the files first, then the job that names them by hash. */
import type { ParitabClient } from "../../../../shared/sdk/paritab-client.ts";
import type { ReadyForm } from "./inference-fields.ts";

export type SubmitStep = "model" | "parity" | "queries" | "labels" | "job";

/** @param onStep is told what goes up now @param names that stay with the job, uploaded before */
export async function submitForm(
  client: ParitabClient,
  form: ReadyForm,
  onStep: (step: SubmitStep) => void,
  names: { readonly namesSha256?: string } = {},
): Promise<{ jobId: string }> {
  const source = await sourceOf(client, form, onStep);
  onStep("job");
  return client.submit({ ...form.rest, source: source.kind === "uploads" ? { ...source, ...names } : source });
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
  const queriesSha256 = await uploadedQueries(client, uploads.queries);
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

/** Its hash, or those of the arrays of each input. */
async function uploadedQueries(client: ParitabClient, queries: NonNullable<ReadyForm["uploads"]>["queries"]) {
  const upload = async (file: File) => (await client.uploadTensor(file)).tensorSha256;
  if (queries instanceof File) return upload(queries);
  const hashes: [string, string][] = [];
  for (const [name, file] of queries) hashes.push([name, await upload(file)]);
  return Object.fromEntries(hashes);
}
