/** `paritab submit --images`: photographs through a vision model's folder from the Hub. */
import { writeFile } from "node:fs/promises";
import { sentFiles } from "../../../../shared/hub/hub-place.ts";
import {
  GIVEN_WORDS,
  PICTURE_FORMATS,
  type PictureAnswers,
  type PictureFormat,
} from "../../../../shared/hub/picture-answers.ts";
import { askedOf, shownLabels } from "../../../../shared/hub/picture-model.ts";
import type { MadeRows } from "../../../../shared/hub/picture-rows.ts";
import { TENSOR_BYTES_MAX } from "../../../../shared/protocol/limits.ts";
import type { ModelUploaded } from "../../../../shared/protocol/uploads-api.ts";
import type { Call } from "../../../cli/command.ts";
import { EXIT, type ExitCode } from "../../../cli/exit-codes.ts";
import { type HubPictures, hubPictures, pictureRows } from "../../../cli/inputs/hub-pictures.ts";
import { formatOfEnding } from "../../../cli/outputs/format-of-ending.ts";
import { requireFinal } from "../../../cli/require-final.ts";
import { acceptFor, groupFor, type HubOptions } from "./hub-options.ts";
import { type InferenceInput, uploadedFiles } from "./inference-input.ts";
import { pictureWriter } from "./picture-writer.ts";
import { streamAnswers } from "./stream-answers.ts";
import { detach } from "./submit-inference.ts";

/** Between two words on how far the reading of pictures is. */
const PROGRESS_EVERY = 20;

const ALL_FORMATS: readonly PictureFormat[] = ["csv", "jsonl", "npy", "npz", "zip"];

export async function submitPictures(call: Call, options: HubOptions, picturesPath: string): Promise<ExitCode> {
  const { client, terminal, flags, json } = call;
  const { accept, out, threshold } = options;
  const { output, ...given } = options.settings as { output?: string | number };
  if (out !== undefined) formatOfEnding("--out", out, ALL_FORMATS);
  const upTo = flags.texts("up-to");
  const chosen = upTo.length > 0 ? upTo : output === undefined ? null : [output];
  const wanted = await hubPictures(options.model, picturesPath, chosen);
  const { gives } = wanted.task;
  const words = ` for ${GIVEN_WORDS[gives]}`;
  const outFormat = out === undefined ? null : formatOfEnding("--out", out, PICTURE_FORMATS[gives], words);
  sayWhatComes(call, wanted);
  const rows = await pictureRows(wanted, (done) => {
    if (done % PROGRESS_EVERY === 0) terminal.progress(`read ${done} of ${wanted.pictures.names.length} pictures`);
  });
  sayFrame(call, wanted, rows);
  const uploaded = await uploadedFiles(call, sentFiles(wanted.files(rows)));
  const { names } = wanted.pictures;
  const truths = shownLabels(wanted, names);
  const input: InferenceInput = {
    kind: "whole",
    files: names,
    settings: { name: wanted.place.name, ...askedOf(wanted, truths), ...groupFor(names.length, given), ...given },
    source: {
      model: { modelSha256: uploaded.modelSha256 },
      queries: rows.queries,
      ...(truths === null ? {} : { labels: truths }),
    },
  };
  if (flags.has("detach")) return detach(call, input);
  const fallback = PICTURE_FORMATS[gives].includes("csv") && !json ? "csv" : "jsonl";
  const asked: PictureAnswers = {
    ...{ task: wanted.task, labels: wanted.labels, names, threshold },
    outputs: outputsOf(uploaded),
    sizes: rows.shapes.map(({ own }) => own),
  };
  const writer = pictureWriter(asked, { ...options, format: outFormat ?? fallback, place: wanted.place });
  const job = await writer.written(out ?? null, terminal, (write) =>
    streamAnswers(call, input, { accept: acceptFor(accept, out), keep: flags.has("keep"), write }),
  );
  if (writer.ofArray !== null) {
    const npy = await client.answersFile(job.jobId, "npy", terminal.signal);
    await writeFile(out!, await writer.ofArray(npy));
  }
  if (flags.has("require-final")) requireFinal(job);
  return EXIT.ok;
}

const outputsOf = ({ outputs }: ModelUploaded) => outputs.map(({ name, shape }) => ({ name, shape }));

/** The limits, and what is no picture by its name, before the first one is read. */
function sayWhatComes({ terminal }: Call, { pictures, plan, layout }: HubPictures): void {
  const { names, others } = pictures;
  if (plan.size !== null) {
    const { width, height } = plan.size;
    const bytes = names.length * width * height * layout.channels;
    terminal.say(
      `${names.length} pictures, each ${width} x ${height} x ${layout.channels} bytes: ${megabytes(bytes)} of at most ` +
        `${megabytes(TENSOR_BYTES_MAX)} in one job`,
    );
  } else terminal.say(`${names.length} pictures, whose size follows from theirs`);
  if (others.count === 0) return;
  const more = others.count > others.named.length ? ", ..." : "";
  terminal.say(
    `left out, for they end neither in .jpg, .jpeg, .png nor .webp: ${others.count} (${others.named.join(", ")}${more})`,
  );
}

/** Where it was not known before they were read. */
function sayFrame({ terminal }: Call, { plan }: HubPictures, { frame, queries, shapes }: MadeRows): void {
  if (plan.size !== null) return;
  const { width, height } = frame;
  const padded = shapes.filter(({ seen }) => seen.width < width || seen.height < height).length;
  terminal.say(
    `each is ${width} x ${height} pixels to the model, ${padded} of ${shapes.length} with an edge to the right or below: ` +
      `${megabytes(queries.data.length)} of at most ${megabytes(TENSOR_BYTES_MAX)} in one job`,
  );
}

const megabytes = (count: number) => `${(count / 1e6).toFixed(count < 1e7 ? 1 : 0)} MB`;
