/** Files as they were dropped or chosen: those of folders too, and of a `.zip` or a `.tar`. */
import { InputError } from "../../shared/inputs/input-error.ts";
import { UNPACKED_BYTES_MAX } from "../../shared/protocol/limits.ts";

/** @param dropped read at once: its list is gone after the event */
export async function droppedFiles(dropped: DataTransfer): Promise<File[]> {
  const entries = [...dropped.items].flatMap((item) => item.webkitGetAsEntry() ?? []);
  if (entries.length === 0) return [...dropped.files];
  return (await Promise.all(entries.map((entry) => filesBelow(entry, "")))).flat();
}

async function filesBelow(entry: FileSystemEntry, folder: string): Promise<File[]> {
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    return [folder === "" ? file : new File([file], `${folder}${file.name}`, { type: file.type })];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const files: File[] = [];
  // It gives a hundred at a time, and none at the end.
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return files;
    for (const inner of some) files.push(...(await filesBelow(inner, `${folder}${entry.name}/`)));
  }
}

/** Of a folder that was chosen: names with the folders in front. */
export function chosenFiles(chosen: FileList | null): File[] {
  return [...(chosen ?? [])].map((file) =>
    file.webkitRelativePath === "" ? file : new File([file], file.webkitRelativePath, { type: file.type }),
  );
}

/** Archives as the files in them; others as they are. @throws InputError where one is none, or too large once it is unpacked */
export async function unpacked(files: readonly File[]): Promise<File[]> {
  const all = await Promise.all(
    files.map((file) => {
      if (/\.zip$/i.test(file.name)) return filesInZip(file);
      return /\.(tar|tar\.gz|tgz)$/i.test(file.name) ? filesInTar(file) : [file];
    }),
  );
  return all.flat();
}

const tooLarge = ({ name }: File) => `${name}: expected at most ${UNPACKED_BYTES_MAX / 1e6} MB once unpacked, got more`;

/** Not every browser iterates over a stream by itself. */
export async function* chunksOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  try {
    for (let step = await reader.read(); !step.done; step = await reader.read()) yield step.value;
  } finally {
    await reader.cancel();
  }
}

async function filesInTar(tar: File): Promise<File[]> {
  const { tarEntries } = await import("../../shared/inputs/tar.ts");
  const raw: ReadableStream<BufferSource> = tar.stream();
  const stream = /gz$/i.test(tar.name) ? raw.pipeThrough(new DecompressionStream("gzip")) : tar.stream();
  const files: File[] = [];
  let bytes = 0;
  for await (const entry of tarEntries(chunksOf(stream), tar.name, UNPACKED_BYTES_MAX)) {
    bytes += entry.byteCount;
    if (bytes > UNPACKED_BYTES_MAX) throw new InputError(tooLarge(tar));
    files.push(new File([(await entry.bytes()) as Uint8Array<ArrayBuffer>], entry.name.replace(/^\.\//, "")));
  }
  return files;
}

async function filesInZip(zip: File): Promise<File[]> {
  const { unzipSync } = await import("fflate");
  let bytes = 0;
  const filter = ({ originalSize }: { originalSize: number }) => {
    bytes += originalSize;
    if (bytes > UNPACKED_BYTES_MAX) throw new InputError(tooLarge(zip));
    return originalSize > 0;
  };
  try {
    const entries = unzipSync(new Uint8Array(await zip.arrayBuffer()), { filter });
    return Object.entries(entries).map(([name, data]) => new File([data as Uint8Array<ArrayBuffer>], name));
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(
      `${zip.name}: expected a .zip file, got one that cannot be unpacked (${(error as Error).message})`,
    );
  }
}
