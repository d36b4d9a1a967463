/** The answers of jobs whose rows have names, as files and lines: `submit --out` and `results --out` write by this alone. */
import type { FileHandle } from "node:fs/promises";
import type { KeptNames, KeptTexts, SkippedFile } from "../../../../shared/hub/kept-names.ts";
import { type LineOptions, type NamedFormat, namedLines } from "../../../../shared/hub/named-lines.ts";
import { pictureEntries, picturesAsked } from "../../../../shared/hub/picture-answers.ts";
import type { RowAnswer } from "../../../../shared/hub/row-lines.ts";
import { answersInOrder, type NamedJob } from "../../../../shared/hub/rows-together.ts";
import { vectorOf, vectorsNpy } from "../../../../shared/hub/vector-lines.ts";
import type { WriteCell } from "../../../../shared/inputs/csv-cell.ts";
import { npzEntries, shapedNpy, writeZip, type ZipEntry } from "../../../../shared/inputs/zip-writer.ts";
import { plainText } from "../../../../shared/protocol/plain-text.ts";
import type { Call } from "../../../cli/command.ts";
import { ParquetWriter } from "../../../cli/outputs/parquet.ts";
import { writeWhole } from "../../../cli/outputs/whole-file.ts";

export interface WrittenAs extends Pick<LineOptions, "top"> {
  readonly format: NamedFormat;
  /** null: standard output. */
  readonly out: string | null;
  readonly cell: WriteCell;
}

/** @param jobs as they are now: what is not answered, and what was a job's that is gone, is marked `missing` */
export async function writeNamed(
  call: Call,
  kept: KeptNames,
  jobs: readonly NamedJob[],
  { format, out, top, cell }: WrittenAs,
): Promise<void> {
  const { terminal } = call;
  if (kept.kind !== "texts" && (kept.skipped ?? []).length > 0 && out !== null) {
    await writeSkipped(skippedPath(out), kept.skipped!, cell);
  }
  if (format === "npy") return written(call, out, await arrayOf(call, kept, jobs));
  if (format === "npz" || format === "zip") return archive(call, kept, jobs, { format, out });
  if (format === "parquet") {
    if (out === null || kept.kind !== "texts") throw new Error("writeNamed: expected texts and a file for Parquet");
    return writeWhole(out, (file) => parquet(file, kept, inOrder(call, kept, jobs)));
  }
  // On a terminal no name begins a line of its own; in a pipe or a file it is what it is.
  const isShown = out === null && terminal.showsOutput;
  const line = namedLines(kept, { format, top, cell: isShown ? (text) => cell(plainText(text)) : cell });
  if (out === null) {
    for await (const answer of inOrder(call, kept, jobs)) await terminal.out(line(answer));
    return;
  }
  await writeWhole(out, async (file) => {
    for await (const answer of inOrder(call, kept, jobs)) await file.write(line(answer));
  });
}

async function written({ terminal }: Call, out: string | null, bytes: Uint8Array): Promise<void> {
  if (out === null) await terminal.out(bytes);
  else await writeWhole(out, (file) => file.writeFile(bytes));
}

function inOrder({ client, terminal }: Call, kept: KeptNames, jobs: readonly NamedJob[]) {
  return answersInOrder({ kept, jobs }, (jobId) => client.allAnswers(jobId, terminal.signal));
}

/** Writes a vector for each text, as it was asked for, or the model's own numbers for other rows. */
async function arrayOf(call: Call, kept: KeptNames, jobs: readonly NamedJob[]): Promise<Uint8Array> {
  if (kept.kind !== "texts") {
    const npy = await call.client.answersFile(jobs[0]!.jobId, "npy", call.terminal.signal);
    return kept.kind === "pictures" && kept.decoding !== undefined ? shapedNpy(npy, kept.decoding.outputs) : npy;
  }
  const vectors: Float32Array[] = [];
  for await (const answer of inOrder(call, kept, jobs)) vectors.push(vectorOf(answer, kept.normalizes));
  return vectorsNpy(vectors);
}

/** Writes each output of pictures as an array, or masks and depths as files. */
async function archive(
  call: Call,
  kept: KeptNames,
  jobs: readonly NamedJob[],
  { format, out }: { readonly format: "npz" | "zip"; readonly out: string | null },
): Promise<void> {
  const asked = kept.kind === "pictures" ? picturesAsked(kept) : null;
  if (asked === null) throw new Error(`writeNamed: expected pictures whose outputs are known for .${format}`);
  const entriesOf = pictureEntries(asked);
  async function* entries(): AsyncGenerator<ZipEntry> {
    if (format === "npz") {
      const npy = await call.client.answersFile(jobs[0]!.jobId, "npy", call.terminal.signal);
      yield* npzEntries(npy, asked!.outputs);
    } else for await (const answer of inOrder(call, kept, jobs)) yield* entriesOf(answer);
  }
  if (out === null) await writeZip(entries(), (bytes) => call.terminal.out(bytes));
  else await writeWhole(out, (file) => writeZip(entries(), (bytes) => file.write(bytes)));
}

export async function zipped(entries: Iterable<ZipEntry>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  await writeZip(entries, (bytes) => void parts.push(bytes));
  return Buffer.concat(parts);
}

async function parquet(
  file: FileHandle,
  { texts, pairs, normalizes }: KeptTexts,
  answers: AsyncIterable<RowAnswer>,
): Promise<void> {
  const writer = new ParquetWriter(file, [
    { name: "text", type: "text" },
    ...(pairs === null ? [] : [{ name: "text_pair", type: "text" } as const]),
    { name: "mark", type: "text" },
    { name: "bound", type: "float" },
    { name: "embedding", type: "floats" },
  ]);
  for await (const answer of answers) {
    const { index, mark, bound } = answer;
    await writer.add({
      text: texts[index]!,
      ...(pairs === null ? {} : { text_pair: pairs[index]! }),
      mark,
      bound: bound ?? Number.NaN,
      embedding: vectorOf(answer, normalizes),
    });
  }
  await writer.end();
}

/** Beside the answers: labels.csv has labels.skipped.csv. */
export function skippedPath(out: string): string {
  return `${out.replace(/\.[^./\\]*$/, "")}.skipped.csv`;
}

async function writeSkipped(path: string, skipped: readonly SkippedFile[], cell: WriteCell): Promise<void> {
  const rows = skipped.map(({ file, reason }) => `${cell(file)},${cell(reason)}\n`);
  await writeWhole(path, (file) => file.writeFile(`file,reason\n${rows.join("")}`));
}
