/** Sends what was prepared of a folder, and keeps in this browser what is needed to name its answers. */
import { sentFiles } from "../../../../../shared/hub/hub-place.ts";
import { taskFor } from "../../../../../shared/hub/label-names.ts";
import { textModelFiles } from "../../../../../shared/hub/text-model.ts";
import { textRows } from "../../../../../shared/hub/text-rows.ts";
import { ownTokens } from "../../../../../shared/hub/token-lines.ts";
import { encodeNpy } from "../../../../../shared/protocol/npy.ts";
import type { ParitabClient } from "../../../../../shared/sdk/paritab-client.ts";
import { keepBrought } from "../../brought/brought-store.ts";
import type { ReadyForm } from "../inference-fields.ts";
import { submitForm } from "../submit.ts";
import { hubWords as words } from "./hub-words.ts";
import type { Prepared, PreparedTexts } from "./prepared.ts";

type OnStep = (words: string) => void;
type Step = Parameters<Parameters<typeof submitForm>[2]>[0];

/** @returns the job of the pictures, or the first of the texts' */
export async function sendHub(
  client: ParitabClient,
  prepared: Prepared,
  form: ReadyForm,
  onStep: OnStep,
  stepWords: Readonly<Record<Step, string>>,
): Promise<{ jobId: string }> {
  if (prepared.kind === "texts") return submitTexts(client, prepared, form, onStep);
  const named = { ...form, rest: { ...form.rest, ...groupFor(prepared.brought.names.length, form) } };
  const { jobId, outputs } = await submitForm(client, named, (step) => onStep(stepWords[step]));
  await keepBrought([jobId], { ...prepared.brought, outputs });
  return { jobId };
}

async function submitTexts(
  client: ParitabClient,
  { corpus }: PreparedTexts,
  form: ReadyForm,
  onStep: OnStep,
): Promise<{ jobId: string }> {
  const { model, task, buckets, ids, texts, pairs, paired } = corpus;
  const jobs: { jobId: string; places: readonly number[] }[] = [];
  for (const [i, { length, places }] of buckets.entries()) {
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
    const { jobId } = await client.submit({
      ...form.rest,
      name: words.jobName(form.rest.name ?? "", length),
      task: task.gives === "labels" ? taskFor(model.labels) : "regression",
      ...(task.pool === "none" && model.outputs.length > 1 ? { output: task.output } : {}),
      ...groupFor(places.length, form),
      source: { kind: "uploads", modelSha256, queriesSha256: Object.fromEntries(await Promise.all(hashes)) },
    });
    jobs.push({ jobId, places });
  }
  await keepBrought(
    jobs.map(({ jobId }) => jobId),
    {
      ...{ kind: "texts", texts, pairs, task, labels: model.labels, jobs },
      tokens: task.gives === "tokens" ? ids.map((each) => ownTokens(each, model.tokens)) : null,
    },
  );
  return jobs[0]!;
}

/** Of fewer rows than a group has there is a smaller group. */
function groupFor(count: number, { rest }: ReadyForm): { queriesPerGroup?: number } {
  const asked = rest.queriesPerGroup;
  return asked !== undefined && count < asked ? { queriesPerGroup: count } : {};
}
