/** `paritab submit`: a model's folder from the Hugging Face Hub, and files as people have them. */
import { open, writeFile } from "node:fs/promises";
import { extname } from "node:path";
import type { LabelNames } from "../../../../shared/hub/label-names.ts";
import { InputError } from "../../../../shared/inputs/input-error.ts";
import { ACCEPTANCES } from "../../../../shared/kinds/inference/acceptance.ts";
import { TENSOR_BYTES_MAX } from "../../../../shared/protocol/limits.ts";
import type { ModelUploaded } from "../../../../shared/protocol/uploads-api.ts";
import type { Call, ClientCommand } from "../../../cli/command.ts";
import { EXIT, type ExitCode, UsageError } from "../../../cli/exit-codes.ts";
import { HUB_PLACES, hubName } from "../../../cli/inputs/hub-folder.ts";
import { type HubPictures, hubPictures, pictureRows } from "../../../cli/inputs/hub-pictures.ts";
import { requireFinal } from "../../../cli/require-final.ts";
import { INFERENCE_SETTING_FLAGS, readInferenceFlags } from "./inference-flags.ts";
import { type InferenceInput, uploadedFiles } from "./inference-input.ts";
import { type LabelFormat, labelLines } from "./label-lines.ts";
import { streamAnswers } from "./stream-answers.ts";
import { detach } from "./submit-inference.ts";

const TOP_DEFAULT = 5;
const TOP_MAX = 100;
/** Between two words on how far the reading of pictures is. */
const PROGRESS_EVERY = 20;

export const submitHub: ClientCommand = {
  name: "submit",
  summary: "a model of the Hugging Face Hub over photographs",
  usage: "--model FOLDER --images PATH [--out FILE] [...]",
  about:
    "Takes a model's folder as it lies on the Hub (" +
    `${HUB_PLACES}, config.json, preprocessor_config.json) and ` +
    "photographs: JPEG, PNG and WebP files in a folder and its folders, in a .zip or a .tar, or a single one. They are resized and " +
    "cropped here as the folder says, travel as bytes, and are normalised where the model runs. Each answer has the names of its " +
    "labels, how sure the model is of each (softmax, or sigmoid where labels do not exclude each other), and its mark. What is " +
    "wrong is told before anything is sent, all of it at once. Arrays and CSV: `paritab submit inference`.",
  flags: {
    model: {
      value: "FOLDER",
      help: "the model's folder, or the file of one of several models in it",
    },
    images: { value: "PATH", help: "a folder of pictures, a .zip, a .tar (or .tar.gz), or one picture" },
    top: { value: "NUMBER", help: `labels of an answer, the surest first (${TOP_DEFAULT})` },
    out: {
      value: "FILE",
      help: "write the answers there, by its ending: .csv, .jsonl, or .npy for the model's own numbers",
    },
    accept: {
      value: ACCEPTANCES.join("|"),
      help: "when an answer may be written. first: estimates too; verified: checked ones; final: what is not taken back (verified)",
    },
    "require-final": { help: "exit with 8 if at the end some answer is not final" },
    detach: { help: "print the job's id and leave it running; `paritab results` has the model's own numbers" },
    keep: { help: "leave the job running when this command is interrupted" },
    ...INFERENCE_SETTING_FLAGS,
  },
  words: [0, 0],
  examples: [
    ["paritab submit --model ./resnet-50/ --images photos/ --out labels.csv", "a folder of photographs"],
    ["paritab submit --model ./vit/ --images photos.zip --json | jq .label", "in a pipe"],
  ],
  run: submit,
};

async function submit(call: Call): Promise<ExitCode> {
  const { client, terminal, flags, json } = call;
  const given = readInferenceFlags(flags);
  const accept = flags.oneOf("accept", ACCEPTANCES);
  const top = flags.whole("top", 1, TOP_MAX) ?? TOP_DEFAULT;
  const out = flags.text("out");
  const outFormat = out === undefined ? null : formatOf(out);
  const wanted = await hubPictures(flags.required("model"), flags.required("images"));
  sayWhatComes(call, wanted);
  const queries = await pictureRows(wanted, (done) => {
    if (done % PROGRESS_EVERY === 0) terminal.progress(`read ${done} of ${wanted.pictures.names.length} pictures`);
  });
  const uploaded = await uploadedFiles(call, wanted.files);
  const output = (given.output as string | number | undefined) ?? outputOf(wanted);
  const input: InferenceInput = {
    kind: "whole",
    files: wanted.pictures.names,
    settings: { name: hubName(wanted.model), ...given, ...(output === undefined ? {} : { output }) },
    source: { model: { modelSha256: uploaded.modelSha256 }, queries, ...truths(wanted) },
  };
  if (flags.has("detach")) return detach(call, input);
  const names = outFormat === "npy" ? null : namesFor(uploaded, wanted, output);
  const file = out === undefined || names === null ? null : await open(out, "w");
  const lines = names === null ? null : labelLines(outFormat === "json" || (json && !out) ? "json" : "csv", names, top);
  try {
    const job = await streamAnswers(call, input, {
      accept,
      keep: flags.has("keep"),
      async write(answer, picture) {
        const line = lines?.(answer, picture ?? "") ?? "";
        if (file === null) await terminal.out(line);
        else await file.write(line);
      },
    });
    if (outFormat === "npy") await writeFile(out!, await client.answersFile(job.jobId, "npy", terminal.signal));
    if (flags.has("require-final")) requireFinal(job);
  } finally {
    await file?.close();
  }
  return EXIT.ok;
}

function formatOf(out: string): LabelFormat | "npy" {
  const format = { ".csv": "csv", ".jsonl": "json", ".npy": "npy" }[extname(out)];
  if (format !== undefined) return format as LabelFormat | "npy";
  throw new UsageError(`--out: expected a file ending in .csv, .jsonl or .npy, got "${out}"`);
}

/** The limits, before the first picture is read. */
function sayWhatComes({ terminal }: Call, { pictures, plan, layout }: HubPictures): void {
  const { width, height } = plan.size;
  const bytes = pictures.names.length * width * height * layout.channels;
  const megabytes = (count: number) => `${(count / 1e6).toFixed(count < 1e7 ? 1 : 0)} MB`;
  terminal.say(
    `${pictures.names.length} pictures, each ${width} x ${height} x ${layout.channels} bytes: ${megabytes(bytes)} of at most ` +
      `${megabytes(TENSOR_BYTES_MAX)} in one job`,
  );
}

/** Classifiers of the Hub give logits, and some of them other things beside them. */
function outputOf({ outputs }: HubPictures): string | undefined {
  return outputs.length < 2 ? undefined : (outputs.find((name) => name === "logits") ?? outputs[0]);
}

/** @throws InputError where the model gives something else than a number a label */
function namesFor({ outputs, outputSize }: ModelUploaded, { labels, model }: HubPictures, output: unknown): LabelNames {
  const chosen = outputs.find(({ name }, place) => name === output || place === output);
  const size = chosen?.size ?? outputSize;
  if (labels === null) {
    return { holds: "one", names: Array.from({ length: size }, (_, place) => String(place)) };
  }
  if (labels.names.length === size) return labels;
  throw new InputError(
    `${model.folder}/config.json: id2label: expected ${size} names, one for each number that the model gives, got ` +
      `${labels.names.length}; write the numbers themselves: --out FILE.npy`,
  );
}

/** Pictures in folders that have the names of labels say what they show. */
function truths({ labels, pictures }: HubPictures): { labels?: readonly number[] } {
  if (labels === null) return {};
  const places = new Map(labels.names.map((name, place) => [name, place]));
  const shown = pictures.names.map((name) => places.get(name.split("/").at(-2) ?? "") ?? -1);
  return shown.includes(-1) ? {} : { labels: shown };
}
