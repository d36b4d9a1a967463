/** `paritab submit --images`: photographs through a vision model's folder from the Hub. */
import { open, writeFile } from "node:fs/promises";
import type { LabelNames } from "../../../../shared/hub/label-names.ts";
import { InputError } from "../../../../shared/inputs/input-error.ts";
import { TENSOR_BYTES_MAX } from "../../../../shared/protocol/limits.ts";
import type { ModelUploaded } from "../../../../shared/protocol/uploads-api.ts";
import type { Call } from "../../../cli/command.ts";
import { EXIT, type ExitCode } from "../../../cli/exit-codes.ts";
import { type HubPictures, hubPictures, pictureRows } from "../../../cli/inputs/hub-pictures.ts";
import { requireFinal } from "../../../cli/require-final.ts";
import { hubName } from "../../../hub/hub-folder.ts";
import { formatOf, groupFor, type HubOptions } from "./hub-options.ts";
import { type InferenceInput, uploadedFiles } from "./inference-input.ts";
import { labelLines } from "./label-lines.ts";
import { streamAnswers } from "./stream-answers.ts";
import { detach } from "./submit-inference.ts";

/** Between two words on how far the reading of pictures is. */
const PROGRESS_EVERY = 20;

export async function submitPictures(call: Call, options: HubOptions, picturesPath: string): Promise<ExitCode> {
  const { client, terminal, flags, json } = call;
  const { settings: given, accept, top, out } = options;
  const outFormat = out === undefined ? null : formatOf(out, ["csv", "jsonl", "npy"]);
  const wanted = await hubPictures(options.model, picturesPath);
  sayWhatComes(call, wanted);
  const queries = await pictureRows(wanted, (done) => {
    if (done % PROGRESS_EVERY === 0) terminal.progress(`read ${done} of ${wanted.pictures.names.length} pictures`);
  });
  const uploaded = await uploadedFiles(call, wanted.files);
  const output = (given.output as string | number | undefined) ?? outputOf(wanted);
  const input: InferenceInput = {
    kind: "whole",
    files: wanted.pictures.names,
    settings: {
      name: hubName(wanted.model),
      ...groupFor(wanted.pictures.names.length, given),
      ...given,
      ...(output === undefined ? {} : { output }),
    },
    source: { model: { modelSha256: uploaded.modelSha256 }, queries, ...truths(wanted) },
  };
  if (flags.has("detach")) return detach(call, input);
  const names = outFormat === "npy" ? null : namesFor(uploaded, wanted, output);
  const file = out === undefined || names === null ? null : await open(out, "w");
  const lines =
    names === null
      ? null
      : labelLines(outFormat === "jsonl" || (json && out === undefined) ? "json" : "csv", names, top, "file");
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
