/** `paritab submit --images`: photographs through a vision model's folder from the Hub. */
import { open, writeFile } from "node:fs/promises";
import { sentFiles } from "../../../../shared/hub/hub-place.ts";
import { labelLines } from "../../../../shared/hub/label-lines.ts";
import { type LabelNames, taskFor } from "../../../../shared/hub/label-names.ts";
import { namesFor, pictureOutput, shownLabels } from "../../../../shared/hub/picture-model.ts";
import { TENSOR_BYTES_MAX } from "../../../../shared/protocol/limits.ts";
import type { ModelUploaded } from "../../../../shared/protocol/uploads-api.ts";
import type { Call } from "../../../cli/command.ts";
import { EXIT, type ExitCode } from "../../../cli/exit-codes.ts";
import { type HubPictures, hubPictures, pictureRows } from "../../../cli/inputs/hub-pictures.ts";
import { requireFinal } from "../../../cli/require-final.ts";
import { formatOf, groupFor, type HubOptions } from "./hub-options.ts";
import { type InferenceInput, uploadedFiles } from "./inference-input.ts";
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
  const uploaded = await uploadedFiles(call, sentFiles(wanted.files));
  const output = (given.output as string | number | undefined) ?? pictureOutput(wanted) ?? undefined;
  const labels = shownLabels(wanted.labels, wanted.pictures.names);
  const input: InferenceInput = {
    kind: "whole",
    files: wanted.pictures.names,
    settings: {
      name: wanted.place.name,
      ...(labels === null ? { task: taskFor(wanted.labels) } : {}),
      ...groupFor(wanted.pictures.names.length, given),
      ...given,
      ...(output === undefined ? {} : { output }),
    },
    source: { model: { modelSha256: uploaded.modelSha256 }, queries, ...(labels === null ? {} : { labels }) },
  };
  if (flags.has("detach")) return detach(call, input);
  const names = outFormat === "npy" ? null : namesOf(uploaded, wanted, output);
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

function namesOf({ outputs, outputSize }: ModelUploaded, wanted: HubPictures, output: unknown): LabelNames {
  const chosen = outputs.find(({ name }, place) => name === output || place === output);
  return namesFor(wanted, chosen?.size ?? outputSize);
}
