/** Sends what was prepared of a folder, with what is needed to name its answers. */
import { textsToKeep } from "../../../../../shared/hub/corpus-names.ts";
import { sentFiles } from "../../../../../shared/hub/hub-place.ts";
import { type KeptNames, keptBytes, keptOfJob } from "../../../../../shared/hub/kept-names.ts";
import { taskFor } from "../../../../../shared/hub/label-names.ts";
import { textModelFiles } from "../../../../../shared/hub/text-model.ts";
import { textRows } from "../../../../../shared/hub/text-rows.ts";
import { encodeNpy } from "../../../../../shared/protocol/npy.ts";
import { jobIdOfKey } from "../../../../../shared/sdk/job-id-of-key.ts";
import type { ParitabClient } from "../../../../../shared/sdk/paritab-client.ts";
import { submissionKey } from "../../../../../shared/sdk/submit-once.ts";
import { keepBrought } from "../../brought/brought-store.ts";
import type { ReadyForm } from "../inference-fields.ts";
import { submitForm } from "../submit.ts";
import { hubWords as words } from "./hub-words.ts";
import { TOP } from "./prepare-hub.ts";
import type { Prepared, PreparedTexts } from "./prepared.ts";

type Step = Parameters<Parameters<typeof submitForm>[2]>[0];

export interface SendingHub {
  /** Names stay with the job; else in this browser alone. */
  readonly keepsNames: boolean;
  onStep(words: string): void;
  readonly stepWords: Readonly<Record<Step, string>>;
}

/** @returns the job of the pictures, or the first of the texts' */
export async function sendHub(
  client: ParitabClient,
  prepared: Prepared,
  form: ReadyForm,
  sending: SendingHub,
): Promise<{ jobId: string }> {
  if (prepared.kind === "texts") return submitTexts(client, prepared, form, sending);
  const { brought, decoding } = prepared;
  let ofBrowser: KeptNames | null = null;
  const job = await submitForm(
    client,
    form,
    (step) => sending.onStep(sending.stepWords[step]),
    async (outputs) => {
      const kept = { ...brought, decoding: { ...decoding, outputs } };
      const names = await leftWith(client, kept, sending);
      if (!("namesSha256" in names)) ofBrowser = kept;
      return names;
    },
  );
  if (ofBrowser !== null) await keepBrought(job.jobId, ofBrowser);
  return job;
}

/** @returns nothing: they are not to stay with the job, or are too many to */
async function leftWith(
  client: Pick<ParitabClient, "uploadNames">,
  kept: KeptNames,
  { keepsNames, onStep }: SendingHub,
): Promise<{ namesSha256?: string }> {
  const bytes = keepsNames ? keptBytes(kept) : null;
  if (bytes === null) return {};
  onStep(words.uploadingNames);
  return client.uploadNames(bytes);
}

async function submitTexts(
  client: ParitabClient,
  { corpus }: PreparedTexts,
  form: ReadyForm,
  sending: SendingHub,
): Promise<{ jobId: string }> {
  const { model, task, buckets, ids, paired } = corpus;
  const { onStep } = sending;
  const kept = { ...textsToKeep(corpus), seal: submissionKey(), top: TOP };
  // They name each other: what is known of all before the first is sent.
  const { submitter } = await client.whoAmI();
  const keys = buckets.map(submissionKey);
  const jobIds = keys.map((key) => jobIdOfKey(submitter, key));
  for (const [i, { length, places }] of buckets.entries()) {
    const own = keptOfJob(kept, places, jobIds);
    const names = await leftWith(client, own, sending);
    onStep(words.uploadingModel(i + 1, buckets.length));
    const { modelSha256 } = await client.uploadModel(sentFiles(textModelFiles(model, task, length)));
    onStep(words.uploadingTexts(i + 1, buckets.length));
    const rows = textRows(
      places.map((place) => ids[place]!),
      length,
      model.tokens.padId,
      model.inputs,
      paired === null ? null : places.map((place) => paired[place]!.types),
    );
    const hashes = Object.entries(rows).map(async ([name, array]) => {
      const { tensorSha256 } = await client.uploadTensor(encodeNpy(array) as Uint8Array<ArrayBuffer>);
      return [name, tensorSha256] as const;
    });
    const submission = {
      ...form.rest,
      name: words.jobName(form.rest.name ?? "", length),
      task: task.gives === "labels" ? taskFor(model.labels) : ("regression" as const),
      ...(task.pool === "none" && model.outputs.length > 1 ? { output: task.output } : {}),
      source: {
        ...{ kind: "uploads" as const, modelSha256, queriesSha256: Object.fromEntries(await Promise.all(hashes)) },
        ...names,
      },
    };
    const { jobId } = await client.submit(submission, undefined, keys[i]!);
    if (!("namesSha256" in names)) await keepBrought(jobId, own);
  }
  return { jobId: jobIds[0]! };
}
