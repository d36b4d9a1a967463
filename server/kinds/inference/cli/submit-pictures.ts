/** `paritab submit --images`: photographs through a vision model's folder from the Hub. */
import { writeFile } from "node:fs/promises";
import { sentFiles } from "../../../../shared/hub/hub-place.ts";
import { labelLines } from "../../../../shared/hub/label-lines.ts";
import { type LabelNames, taskFor } from "../../../../shared/hub/label-names.ts";
import { namesFor, pictureOutput, shownLabels } from "../../../../shared/hub/picture-model.ts";
import { TENSOR_BYTES_MAX } from "../../../../shared/protocol/limits.ts";
import type { ModelUploaded } from "../../../../shared/protocol/uploads-api.ts";
import type { Call } from "../../../cli/command.ts";
import { EXIT, type ExitCode } from "../../../cli/exit-codes.ts";
import { type HubPictures, hubPictures, pictureRows } from "../../../cli/inputs/hub-pictures.ts";
import { formatOfEnding } from "../../../cli/outputs/format-of-ending.ts";
import { writeWhole } from "../../../cli/outputs/whole-file.ts";
import { requireFinal } from "../../../cli/require-final.ts";
import { type HomeJob, homeJob, sayBesideHome } from "./beside-home.ts";
import { acceptFor, type HubOptions } from "./hub-options.ts";
import { type InferenceInput, uploadedFiles } from "./inference-input.ts";
import { streamAnswers } from "./stream-answers.ts";
import { detach } from "./submit-inference.ts";

/** Between two words on how far the reading of pictures is. */
const PROGRESS_EVERY = 20;

export async function submitPictures(call: Call, options: HubOptions, picturesPath: string): Promise<ExitCode> {
  const { client, terminal, flags, json } = call;
  const { settings: given, accept, top, out } = options;
  const outFormat = out === undefined ? null : formatOfEnding("--out", out, ["csv", "jsonl", "npy"]);
  const wanted = await hubPictures(options.model, picturesPath);
  sayWhatComes(call, wanted);
  const output = (given.output as string | number | undefined) ?? pictureOutput(wanted) ?? undefined;
  await sayBesideHome(call, async () => [await pictureJob(wanted, given)], given);
  const queries = await pictureRows(wanted, (done) => {
    if (done % PROGRESS_EVERY === 0) terminal.progress(`read ${done} of ${wanted.pictures.names.length} pictures`);
  });
  const uploaded = await uploadedFiles(call, sentFiles(wanted.files));
  const labels = shownLabels(wanted.labels, wanted.pictures.names);
  const input: InferenceInput = {
    kind: "whole",
    files: wanted.pictures.names,
    settings: {
      name: wanted.place.name,
      ...(labels === null ? { task: taskFor(wanted.labels) } : {}),
      ...given,
      ...(output === undefined ? {} : { output }),
    },
    source: { model: { modelSha256: uploaded.modelSha256 }, queries, ...(labels === null ? {} : { labels }) },
  };
  if (flags.has("detach")) return detach(call, input);
  const names = outFormat === "npy" ? null : namesOf(uploaded, wanted, output);
  const lines =
    names === null
      ? null
      : labelLines(
          outFormat === "jsonl" || (json && out === undefined) ? "json" : "csv",
          names,
          top,
          "file",
          options.cell,
        );
  const answered = (print: (line: string) => Promise<unknown>) =>
    streamAnswers(call, input, {
      accept: acceptFor(accept, out),
      keep: flags.has("keep"),
      async write(answer, picture) {
        if (lines !== null) await print(lines(answer, picture ?? ""));
      },
    });
  const isLines = out !== undefined && lines !== null;
  const job = isLines
    ? await writeWhole(out, (file) => answered((line) => file.write(line)))
    : await answered((line) => terminal.out(line));
  if (outFormat === "npy") await writeFile(out!, await client.answersFile(job.jobId, "npy", terminal.signal));
  if (flags.has("require-final")) requireFinal(job);
  return EXIT.ok;
}

/** Before any of them is decoded. @throws ModelError */
export async function pictureJob(wanted: HubPictures, given: HubOptions["settings"]): Promise<HomeJob> {
  const queryCount = wanted.pictures.names.length;
  const job = await homeJob(
    sentFiles(wanted.files),
    given.output ?? pictureOutput(wanted) ?? undefined,
    queryCount,
    true,
  );
  return { ...job, settings: given };
}

/** The limits, and what is no picture by its name, before the first one is read. */
function sayWhatComes({ terminal }: Call, { pictures, plan, layout }: HubPictures): void {
  const { width, height } = plan.size;
  const { names, others } = pictures;
  const bytes = names.length * width * height * layout.channels;
  const megabytes = (count: number) => `${(count / 1e6).toFixed(count < 1e7 ? 1 : 0)} MB`;
  terminal.say(
    `${names.length} pictures, each ${width} x ${height} x ${layout.channels} bytes: ${megabytes(bytes)} of at most ` +
      `${megabytes(TENSOR_BYTES_MAX)} in one job`,
  );
  if (others.count === 0) return;
  const more = others.count > others.named.length ? ", ..." : "";
  terminal.say(
    `left out, for they end neither in .jpg, .jpeg, .png nor .webp: ${others.count} (${others.named.join(", ")}${more})`,
  );
}

function namesOf({ outputs, outputSize }: ModelUploaded, wanted: HubPictures, output: unknown): LabelNames {
  const chosen = outputs.find(({ name }, place) => name === output || place === output);
  return namesFor(wanted, chosen?.size ?? outputSize);
}
