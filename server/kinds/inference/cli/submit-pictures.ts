/** `paritab submit --images`: photographs through a vision model's folder from the Hub. */
import { sentFiles } from "../../../../shared/hub/hub-place.ts";
import type { KeptPictures, SkippedFile } from "../../../../shared/hub/kept-names.ts";
import { namedFallback, namedLines } from "../../../../shared/hub/named-lines.ts";
import { GIVEN_WORDS, PICTURE_FORMATS, type PictureFormat } from "../../../../shared/hub/picture-answers.ts";
import { requireNames, settingsOfPictures, shownLabels } from "../../../../shared/hub/picture-model.ts";
import type { MadeRows } from "../../../../shared/hub/picture-rows.ts";
import { TENSOR_BYTES_MAX } from "../../../../shared/protocol/limits.ts";
import type { ModelUploaded } from "../../../../shared/protocol/uploads-api.ts";
import type { Call } from "../../../cli/command.ts";
import { EXIT, type ExitCode } from "../../../cli/exit-codes.ts";
import { type HubPictures, hubPictures, type NamedRows, pictureRows } from "../../../cli/inputs/hub-pictures.ts";
import { formatOfEnding } from "../../../cli/outputs/format-of-ending.ts";
import { requireFinal } from "../../../cli/require-final.ts";
import { type HomeJob, homeJob, sayBesideHome } from "./beside-home.ts";
import { detach } from "./detach.ts";
import type { HubOptions } from "./hub-options.ts";
import { type InferenceInput, uploadedFiles } from "./inference-input.ts";
import { leftWith, newSeal } from "./kept-names.ts";
import { streamAnswers, untilDone } from "./stream-answers.ts";
import { skippedPath, writeNamed } from "./write-answers.ts";

/** Between two words on how far the reading of pictures is. */
const PROGRESS_EVERY = 20;

const ALL_FORMATS: readonly PictureFormat[] = ["csv", "jsonl", "npy", "npz", "zip"];

export async function submitPictures(call: Call, options: HubOptions, picturesPath: string): Promise<ExitCode> {
  const { terminal, flags, json } = call;
  const { accept, top, out, cell, threshold } = options;
  const { output, ...given } = options.settings as { output?: string | number };
  if (out !== undefined) formatOfEnding("--out", out, ALL_FORMATS);
  const upTo = flags.texts("up-to");
  const chosen = upTo.length > 0 ? upTo : output === undefined ? null : [output];
  const wanted = await hubPictures(options.model, picturesPath, chosen);
  const { gives } = wanted.task;
  const words = ` for ${GIVEN_WORDS[gives]}`;
  const outFormat = out === undefined ? null : formatOfEnding("--out", out, PICTURE_FORMATS[gives], words);
  sayWhatComes(call, wanted);
  const rows = await pictureRows(wanted, {
    skipsBroken: flags.has("skip-broken"),
    onPicture(done) {
      if (done % PROGRESS_EVERY === 0) terminal.progress(`read ${done} of ${wanted.pictures.names.length} pictures`);
    },
  });
  const { names, skipped } = rows;
  saySkipped(call, skipped, out);
  sayFrame(call, wanted, rows);
  await sayBesideHome(call, async () => [await pictureJob(wanted, rows, given)], given);
  const uploaded = await uploadedFiles(call, sentFiles(wanted.files(rows)));
  const truths = shownLabels(wanted, names);
  const kept = keptOfPictures(wanted, rows, { uploaded, top, threshold });
  // Files of numbers alone need no names; lines of labels do.
  const isOfNumbers = gives !== "labels" || outFormat === "npy" || outFormat === "npz";
  if (!isOfNumbers && !flags.has("detach")) requireNames(wanted, uploaded.outputSize);
  const input: InferenceInput = {
    kind: "whole",
    files: names,
    settings: { name: wanted.place.name, ...settingsOfPictures(wanted, truths), ...given },
    source: {
      model: { modelSha256: uploaded.modelSha256 },
      ...{ queries: rows.queries, names: await leftWith(call, kept) },
      ...(truths === null ? {} : { labels: truths }),
    },
  };
  if (flags.has("detach")) return detach(call, [input], out);
  if (out !== undefined) {
    const job = await untilDone(call, input, flags.has("keep"));
    await writeNamed(call, kept, [{ jobId: job.jobId, places: null }], { format: outFormat!, out, top, cell });
    if (flags.has("require-final")) requireFinal(job);
    return EXIT.ok;
  }
  const line = namedLines(kept, { format: json ? "jsonl" : namedFallback(kept), top, cell });
  const job = await streamAnswers(call, input, {
    ...{ accept, keep: flags.has("keep") },
    write: (answer) => terminal.out(line(answer)),
  });
  if (flags.has("require-final")) requireFinal(job);
  return EXIT.ok;
}

/** @param rows as far as they decide what the model computes @throws ModelError */
export async function pictureJob(
  wanted: HubPictures,
  rows: Pick<MadeRows, "frame" | "showsInside">,
  given: Omit<HubOptions["settings"], "output">,
): Promise<HomeJob> {
  const { output } = settingsOfPictures(wanted, null);
  const job = await homeJob(sentFiles(wanted.files(rows)), output, wanted.pictures.names.length, true);
  return { ...job, settings: given };
}

interface Kept {
  readonly uploaded: ModelUploaded;
  readonly top: number;
  readonly threshold: number;
}

function keptOfPictures(
  { task, labels, plan }: HubPictures,
  { names, skipped, shapes }: NamedRows,
  { uploaded, top, threshold }: Kept,
): KeptPictures {
  return {
    ...{ kind: "pictures", seal: newSeal(), names: [...names], top },
    labels: labels && { ...labels, names: [...labels.names] },
    decoding: {
      ...{ task, threshold, shapes, isCropped: plan.crop !== null },
      outputs: uploaded.outputs.map(({ name, shape }) => ({ name, shape })),
    },
    ...(skipped.length === 0 ? {} : { skipped: [...skipped] }),
  };
}

/** The limits, and what is no picture by its name, before the first one is read. */
function sayWhatComes({ terminal }: Call, { pictures, plan, layout }: HubPictures): void {
  const { names, others } = pictures;
  const count = names.length === 1 ? "1 picture" : `${names.length} pictures`;
  if (plan.size !== null) {
    const { width, height } = plan.size;
    const bytes = names.length * width * height * layout.channels;
    terminal.say(
      `${count}, each ${width} x ${height} x ${layout.channels} bytes: ${megabytes(bytes)} of at most ` +
        `${megabytes(TENSOR_BYTES_MAX)} in one job`,
    );
  } else terminal.say(`${count}, whose size follows from theirs`);
  if (others.count === 0) return;
  const more = others.count > others.named.length ? ", ..." : "";
  terminal.say(
    `left out, for they end neither in .jpg, .jpeg, .png nor .webp: ${others.count} (${others.named.join(", ")}${more})`,
  );
}

const SKIPPED_SAID_MAX = 20;

function saySkipped({ terminal, flags }: Call, skipped: readonly SkippedFile[], out: string | undefined): void {
  if (skipped.length === 0) return;
  terminal.say(`skipped ${skipped.length} ${skipped.length === 1 ? "file" : "files"} that cannot be read:`);
  for (const { reason } of skipped.slice(0, SKIPPED_SAID_MAX)) terminal.say(`  ${reason}`);
  const more = skipped.length - SKIPPED_SAID_MAX;
  if (more > 0) terminal.say(`  and ${more} more`);
  if (out !== undefined && !flags.has("detach")) terminal.say(`all of them will stand in ${skippedPath(out)}`);
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

/** Never "0.0 MB". */
const megabytes = (count: number) =>
  count < 5e4 ? `${Math.ceil(count / 1e3)} KB` : `${(count / 1e6).toFixed(count < 1e7 ? 1 : 0)} MB`;
