/** Answers with the names of their rows, as files: what the command line writes, by the same code. */
import type { KeptNames } from "../../../../shared/hub/kept-names.ts";
import { type NamedFormat, namedFormats, namedLines } from "../../../../shared/hub/named-lines.ts";
import { pictureEntries, picturesAsked } from "../../../../shared/hub/picture-answers.ts";
import { answersInOrder, rowsTogether } from "../../../../shared/hub/rows-together.ts";
import { vectorOf, vectorsNpy } from "../../../../shared/hub/vector-lines.ts";
import { npzEntries, shapedNpy, writeZip, type ZipEntry } from "../../../../shared/inputs/zip-writer.ts";
import type { ParitabClient } from "../../../../shared/sdk/paritab-client.ts";
import { namesOfJob } from "./names-of-job.ts";

export type SavedFormat = Exclude<NamedFormat, "parquet">;

/** What a browser makes of them. */
export function savedFormats(kept: KeptNames): readonly SavedFormat[] {
  return namedFormats(kept).filter((format) => format !== "parquet");
}

/** @param onProgress told how many answers are here, of all */
export async function namedAnswers(
  client: Pick<ParitabClient, "allAnswers" | "answersFile" | "inferenceJob" | "names">,
  jobId: string,
  own: KeptNames,
  format: SavedFormat,
  onProgress: (done: number, all: number) => void,
): Promise<Blob> {
  const asked = own.kind === "pictures" ? picturesAsked(own) : null;
  if (own.kind !== "texts" && (format === "npy" || format === "npz")) {
    const npy = await client.answersFile(jobId, "npy");
    if (format === "npz") return zipBlob(npzEntries(npy, asked!.outputs));
    return new Blob([asked === null ? npy : (shapedNpy(npy, asked.outputs) as Uint8Array<ArrayBuffer>)]);
  }
  const together = await rowsTogether(jobId, own, async (id) => {
    const job = await client.inferenceJob(id).catch(() => null);
    return job && namesOfJob(client, job).catch(() => null);
  });
  const { kept } = together;
  const all = kept.kind === "texts" ? kept.total : kept.names.length;
  let done = 0;
  async function* counted(id: string) {
    for await (const answer of client.allAnswers(id)) {
      onProgress(++done, all);
      yield answer;
    }
  }
  const answers = answersInOrder(together, counted);
  if (format === "zip") {
    const entriesOf = pictureEntries(asked!);
    async function* entries() {
      for await (const answer of answers) yield* entriesOf(answer);
    }
    return zipBlob(entries());
  }
  if (format === "npy") {
    const vectors: Float32Array[] = [];
    const normalizes = kept.kind === "texts" && kept.normalizes;
    for await (const answer of answers) vectors.push(vectorOf(answer, normalizes));
    return new Blob([vectorsNpy(vectors) as Uint8Array<ArrayBuffer>]);
  }
  const line = namedLines(kept, { format: format as "csv" | "jsonl" });
  const lines: string[] = [];
  for await (const answer of answers) lines.push(line(answer));
  return new Blob(lines);
}

async function zipBlob(entries: Iterable<ZipEntry> | AsyncIterable<ZipEntry>): Promise<Blob> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  await writeZip(entries, (bytes) => void parts.push(bytes as Uint8Array<ArrayBuffer>));
  return new Blob(parts);
}
