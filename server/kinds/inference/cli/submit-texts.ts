/** `paritab submit --texts`: a corpus through a text model's folder from the Hub, as vectors or as labels. */
import type { HubCorpus } from "../../../../shared/hub/corpus.ts";
import { sentFiles } from "../../../../shared/hub/hub-place.ts";
import { taskFor } from "../../../../shared/hub/label-names.ts";
import { textModelFiles } from "../../../../shared/hub/text-model.ts";
import { textRows } from "../../../../shared/hub/text-rows.ts";
import type { AnswerView } from "../../../../shared/kinds/inference/answers.ts";
import type { Call } from "../../../cli/command.ts";
import { EXIT, type ExitCode } from "../../../cli/exit-codes.ts";
import { formatOfEnding } from "../../../cli/outputs/format-of-ending.ts";
import { requireFinal } from "../../../cli/require-final.ts";
import { sayBesideHome } from "./beside-home.ts";
import { acceptFor, type HubOptions, type OutFormat } from "./hub-options.ts";
import { type InferenceInput, uploadedFiles } from "./inference-input.ts";
import { streamAnswers } from "./stream-answers.ts";
import { textAnswers } from "./text-answers.ts";
import { bucketJobs, outputAsked, readCorpus } from "./text-corpus.ts";

export async function submitTexts(call: Call, options: HubOptions, textsPath: string): Promise<ExitCode> {
  const { terminal, flags, client } = call;
  const outFormat =
    options.out === undefined ? null : formatOfEnding("--out", options.out, ["npy", "jsonl", "csv", "parquet"]);
  const { corpus, candidates } = await readCorpus(call, options.model, textsPath);
  const { gives } = corpus.task;
  const formats = candidates.length > 0 ? FORMATS.tokens : FORMATS[gives];
  if (options.out !== undefined) formatOfEnding("--out", options.out, formats, ` for ${NAMES[gives]}`);
  sayWhatComes(call, corpus);
  await sayBesideHome(call, () => bucketJobs(corpus, options.settings), options.settings);
  if (flags.has("detach")) return detachAll(call, options, corpus);
  const answers = new Array<AnswerView>(corpus.texts.length);
  const jobs = await Promise.all(
    corpus.buckets.map(async (bucket) =>
      streamAnswers(call, await inputOf(call, options, corpus, bucket, candidates.length > 0), {
        accept: acceptFor(options.accept, options.out),
        keep: flags.has("keep"),
        async write(answer) {
          answers[bucket.places[answer.index]!] = answer;
        },
      }),
    ),
  );
  await textAnswers(corpus, options, candidates).write(answers, {
    out: options.out ?? null,
    format: outFormat ?? (gives !== "vectors" && !call.json ? "csv" : "jsonl"),
    print: (text) => terminal.out(text),
  });
  if (flags.has("require-final")) for (const job of jobs) requireFinal(await client.inferenceJob(job.jobId));
  return EXIT.ok;
}

type Gives = HubCorpus["task"]["gives"];
/** Texts of several lengths have as many numbers each: they make no array. */
const FORMATS: Readonly<Record<Gives, readonly OutFormat[]>> = {
  labels: ["csv", "jsonl", "npy"],
  tokens: ["csv", "jsonl"],
  spans: ["csv", "jsonl"],
  vectors: ["npy", "jsonl", "parquet"],
};
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

/** The ids, a line each, with the lines of the corpus that each has: nothing is left to put the answers together. */
async function detachAll(call: Call, options: HubOptions, corpus: HubCorpus): Promise<ExitCode> {
  const { client, terminal, json } = call;
  for (const bucket of corpus.buckets) {
    const { settings, source } = await inputOf(call, options, corpus, bucket);
    const jobId = await client.submitRun({ ...settings, ...source, signal: terminal.signal });
    const { length: tokens, places } = bucket;
    await terminal.out(json ? `${JSON.stringify({ jobId, tokens, texts: places })}\n` : `${jobId}\n`);
  }
  return EXIT.ok;
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
