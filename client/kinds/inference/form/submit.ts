/** Sends a form that has been read: the files first, then the job that names them by hash. */
import type { OutputShape } from "../../../../shared/inputs/zip-writer.ts";
import type { ParitabClient } from "../../../../shared/sdk/paritab-client.ts";
import type { ReadyForm } from "./inference-fields.ts";

export type SubmitStep = "model" | "parity" | "queries" | "labels" | "job";

/** @param onStep is told what goes up now @param leave leaves names with the job; it is told the model's outputs */
export async function submitForm(
  client: ParitabClient,
  form: ReadyForm,
  onStep: (step: SubmitStep) => void,
  leave: (outputs: readonly OutputShape[]) => Promise<{ readonly namesSha256?: string }> = async () => ({}),
): Promise<{ jobId: string }> {
  const outputs: OutputShape[] = [];
  const source = await sourceOf(client, form, onStep, outputs);
  const named = source.kind === "uploads" ? { ...source, ...(await leave(outputs)) } : source;
  onStep("job");
  return client.submit({ ...form.rest, source: named });
}

/** @param outputs gets those of the model */
async function sourceOf(
  client: ParitabClient,
  { uploads, sample }: ReadyForm,
  onStep: (step: SubmitStep) => void,
  outputs: OutputShape[],
) {
  if (uploads === null) return { kind: "sample" as const, sample: "mnist" as const, ...sample };
  onStep("model");
  const uploadModel = (files: readonly File[]) =>
    client.uploadModel(files.map((file) => ({ name: file.name, data: file })));
  const { modelSha256, outputs: given } = await uploadModel(uploads.model);
  outputs.push(...given.map(({ name, shape }) => ({ name, shape })));
  if (uploads.parity.length > 0) onStep("parity");
  const parity =
    uploads.parity.length > 0 ? { parityModelSha256: (await uploadModel(uploads.parity)).modelSha256 } : {};
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
