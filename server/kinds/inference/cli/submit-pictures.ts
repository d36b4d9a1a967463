/** `paritab submit --images`: photographs through a vision model's folder from the Hub. */
import { sentFiles } from "../../../../shared/hub/hub-place.ts";
import type { KeptPictures, SkippedFile } from "../../../../shared/hub/kept-names.ts";
import { taskFor } from "../../../../shared/hub/label-names.ts";
import { namedFormats, namedLines } from "../../../../shared/hub/named-lines.ts";
import { namesFor, pictureOutput, shownLabels } from "../../../../shared/hub/picture-model.ts";
import { TENSOR_BYTES_MAX } from "../../../../shared/protocol/limits.ts";
import type { ModelUploaded } from "../../../../shared/protocol/uploads-api.ts";
import type { Call } from "../../../cli/command.ts";
import { EXIT, type ExitCode } from "../../../cli/exit-codes.ts";
import { type HubPictures, hubPictures, pictureRows } from "../../../cli/inputs/hub-pictures.ts";
import { formatOfEnding } from "../../../cli/outputs/format-of-ending.ts";
import { requireFinal } from "../../../cli/require-final.ts";
import { detach } from "./detach.ts";
import { groupFor, type HubOptions } from "./hub-options.ts";
import { type InferenceInput, uploadedFiles } from "./inference-input.ts";
import { leftWith, newSeal } from "./kept-names.ts";
import { streamAnswers, untilDone } from "./stream-answers.ts";
import { skippedPath, writeNamed } from "./write-answers.ts";

/** Between two words on how far the reading of pictures is. */
const PROGRESS_EVERY = 20;

export async function submitPictures(call: Call, options: HubOptions, picturesPath: string): Promise<ExitCode> {
  const { terminal, flags, json } = call;
  const { settings: given, accept, top, out, cell } = options;
  const outFormat = out === undefined ? null : formatOfEnding("--out", out, namedFormats({ kind: "pictures" }));
  const wanted = await hubPictures(options.model, picturesPath);
  sayWhatComes(call, wanted);
  const { names, queries, skipped } = await pictureRows(wanted, {
    skipsBroken: flags.has("skip-broken"),
    onPicture(done) {
      if (done % PROGRESS_EVERY === 0) terminal.progress(`read ${done} of ${wanted.pictures.names.length} pictures`);
    },
  });
  saySkipped(call, skipped, out);
  const uploaded = await uploadedFiles(call, sentFiles(wanted.files));
  const output = (given.output as string | number | undefined) ?? pictureOutput(wanted) ?? undefined;
  const labels = shownLabels(wanted.labels, names);
  const kept: KeptPictures = {
    ...{ kind: "pictures", seal: newSeal(), names: [...names], top },
    labels: wanted.labels && { ...wanted.labels, names: [...wanted.labels.names] },
    ...(skipped.length === 0 ? {} : { skipped: [...skipped] }),
  };
  // Of names that are not those of the numbers the numbers alone are written.
  if (outFormat !== "npy" && !flags.has("detach")) requireNames(uploaded, wanted, output);
  const input: InferenceInput = {
    kind: "whole",
    files: names,
    settings: {
      name: wanted.place.name,
      ...(labels === null ? { task: taskFor(wanted.labels) } : {}),
      ...groupFor(names.length, given),
      ...given,
      ...(output === undefined ? {} : { output }),
    },
    source: {
      ...{ model: { modelSha256: uploaded.modelSha256 }, queries, names: await leftWith(call, kept) },
      ...(labels === null ? {} : { labels }),
    },
  };
  if (flags.has("detach")) return detach(call, [input], out);
  if (out !== undefined) {
    const job = await untilDone(call, input, flags.has("keep"));
    await writeNamed(call, kept, [{ jobId: job.jobId, places: null }], { format: outFormat!, out, top, cell });
    if (flags.has("require-final")) requireFinal(job);
    return EXIT.ok;
  }
  const line = namedLines(kept, { format: json ? "jsonl" : "csv", top, cell });
  const job = await streamAnswers(call, input, {
    ...{ accept, keep: flags.has("keep") },
    write: (answer) => terminal.out(line(answer)),
  });
  if (flags.has("require-final")) requireFinal(job);
  return EXIT.ok;
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

const SKIPPED_SAID_MAX = 20;

function saySkipped({ terminal, flags }: Call, skipped: readonly SkippedFile[], out: string | undefined): void {
  if (skipped.length === 0) return;
  terminal.say(`skipped ${skipped.length} ${skipped.length === 1 ? "file" : "files"} that cannot be read:`);
  for (const { reason } of skipped.slice(0, SKIPPED_SAID_MAX)) terminal.say(`  ${reason}`);
  const more = skipped.length - SKIPPED_SAID_MAX;
  if (more > 0) terminal.say(`  and ${more} more`);
  if (out !== undefined && !flags.has("detach")) terminal.say(`all of them will stand in ${skippedPath(out)}`);
}

function requireNames({ outputs, outputSize }: ModelUploaded, wanted: HubPictures, output: unknown): void {
  const chosen = outputs.find(({ name }, place) => name === output || place === output);
  namesFor(wanted, chosen?.size ?? outputSize);
}
