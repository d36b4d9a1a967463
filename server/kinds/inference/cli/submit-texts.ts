/** `paritab submit --texts`: a corpus through a text model's folder from the Hub, as vectors or as labels. */
import type { HubCorpus } from "../../../../shared/hub/corpus.ts";
import { textsToKeep } from "../../../../shared/hub/corpus-names.ts";
import { sentFiles } from "../../../../shared/hub/hub-place.ts";
import { type KeptTexts, keptOfJob } from "../../../../shared/hub/kept-names.ts";
import { taskFor } from "../../../../shared/hub/label-names.ts";
import { namedFormats } from "../../../../shared/hub/named-lines.ts";
import { textModelFiles } from "../../../../shared/hub/text-model.ts";
import { textRows } from "../../../../shared/hub/text-rows.ts";
import { entailmentPlace } from "../../../../shared/hub/zero-shot.ts";
import { jobIdOfKey } from "../../../../shared/sdk/job-id-of-key.ts";
import type { OwnSource } from "../../../../shared/sdk/run-inference.ts";
import { submissionKey } from "../../../../shared/sdk/submit-once.ts";
import type { Call } from "../../../cli/command.ts";
import { EXIT, type ExitCode } from "../../../cli/exit-codes.ts";
import { formatOfEnding } from "../../../cli/outputs/format-of-ending.ts";
import { requireFinal } from "../../../cli/require-final.ts";
import { sayBesideHome } from "./beside-home.ts";
import { detach } from "./detach.ts";
import type { HubOptions } from "./hub-options.ts";
import { type InferenceInput, uploadedFiles } from "./inference-input.ts";
import { leftWith, newSeal } from "./kept-names.ts";
import { untilDone } from "./stream-answers.ts";
import { bucketJobs, outputAsked, readCorpus } from "./text-corpus.ts";
import { writeNamed } from "./write-answers.ts";

export async function submitTexts(call: Call, options: HubOptions, textsPath: string): Promise<ExitCode> {
  const { terminal, flags, client } = call;
  const outFormat =
    options.out === undefined ? null : formatOfEnding("--out", options.out, ["npy", "jsonl", "csv", "parquet"]);
  const { corpus, candidates } = await readCorpus(call, options.model, textsPath);
  const { gives } = corpus.task;
  const formats = namedFormats({ kind: "texts", gives, candidates: candidates.length > 0 ? candidates : null });
  if (options.out !== undefined) formatOfEnding("--out", options.out, formats, ` for ${NAMES[gives]}`);
  sayWhatComes(call, corpus);
  await sayBesideHome(call, () => bucketJobs(corpus, options.settings), options.settings);
  const kept = keptTexts(corpus, candidates, options.top);
  const { submitter } = await client.whoAmI(terminal.signal);
  // They name each other: what is known of all before the first is sent.
  const keys = corpus.buckets.map(submissionKey);
  const jobIds = keys.map((key) => jobIdOfKey(submitter, key));
  const inputs = corpus.buckets.map((bucket, i) => async (): Promise<InferenceInput> => {
    const names = await leftWith(call, keptOfJob(kept, bucket.places, jobIds));
    const { source, ...input } = await inputOf(call, options, corpus, bucket, candidates.length > 0);
    return { ...input, source: { ...(source as OwnSource), names }, key: keys[i]! };
  });
  if (flags.has("detach")) {
    const said = corpus.buckets.map(({ length: tokens, places }) => ({ tokens, texts: places }));
    return detach(call, inputs, options.out, said);
  }
  const jobs = await Promise.all(inputs.map(async (input) => untilDone(call, await input(), flags.has("keep"))));
  const format = outFormat ?? (gives !== "vectors" && !call.json ? "csv" : "jsonl");
  await writeNamed(
    call,
    kept,
    jobs.map(({ jobId }, i) => ({ jobId, places: corpus.buckets[i]!.places })),
    { format, out: options.out ?? null, top: options.top, cell: options.cell },
  );
  if (flags.has("require-final")) for (const job of jobs) requireFinal(job);
  return EXIT.ok;
}

/** What is known of all texts before the model has answered. */
function keptTexts(corpus: HubCorpus, candidates: readonly string[], top: number): KeptTexts {
  const entailment = candidates.length === 0 ? null : entailmentPlace(corpus.model.labels);
  return {
    ...textsToKeep(corpus),
    ...{ seal: newSeal(), top },
    ...(entailment === null ? {} : { candidates: { names: [...candidates], entailment }, pairs: null }),
  };
}

type Gives = HubCorpus["task"]["gives"];
const NAMES: Readonly<Record<Gives, string>> = {
  labels: "labels",
  tokens: "labels of tokens",
  spans: "answers to questions",
  vectors: "vectors",
};

type Bucket = HubCorpus["buckets"][number];

async function inputOf(
  call: Call,
  { settings }: HubOptions,
  corpus: HubCorpus,
  bucket: Bucket,
  wantsNumbers = false,
): Promise<InferenceInput> {
  const { model, task, ids, paired } = corpus;
  const { length, places } = bucket;
  const { modelSha256 } = await uploadedFiles(call, sentFiles(textModelFiles(model, task, length)));
  const rows = places.map((place) => ids[place]!);
  const types = paired === null ? null : places.map((place) => paired[place]!.types);
  const name = `${model.place.name.slice(0, 60)}, ${length} tokens`;
  return {
    kind: "whole",
    files: null,
    settings: {
      name,
      task: task.gives === "labels" && !wantsNumbers ? taskFor(model.labels) : "regression",
      ...outputAsked(corpus),
      ...settings,
    },
    source: {
      model: { modelSha256 },
      queries: { byInput: textRows(rows, length, model.tokens.padId, model.inputs, types) },
    },
  };
}

function sayWhatComes({ terminal }: Call, { texts, pairs, ids, buckets, cutCount }: HubCorpus): void {
  const tokens = ids.reduce((sum, { length }) => sum + length, 0);
  const padded = buckets.reduce((sum, { length, places }) => sum + length * places.length, 0);
  const lengths = buckets.map(({ length, places }) => `${places.length} of ${length}`).join(", ");
  terminal.say(
    `${texts.length} ${pairs === null ? "texts" : "pairs of texts"}, ${tokens} tokens, ${padded} with padding: ${lengths}`,
  );
  if (cutCount > 0) terminal.say(`${cutCount} texts were cut to what the model takes`);
}
