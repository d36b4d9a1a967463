/** Files as they were dropped or chosen: those of folders too, and of a `.zip`. */
import { InputError } from "../../../../../shared/inputs/input-error.ts";
import { UNPACKED_BYTES_MAX } from "../../../../../shared/protocol/limits.ts";
import { dropTexts as texts } from "./drop-texts.ts";

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

/** A `.zip` as the files in it; others as they are. @throws InputError where it is none, or too large once it is unpacked */
export async function unzipped(files: readonly File[]): Promise<File[]> {
  const all = await Promise.all(files.map((file) => (/\.zip$/i.test(file.name) ? filesInZip(file) : [file])));
  return all.flat();
}

async function filesInZip(zip: File): Promise<File[]> {
  const { unzipSync } = await import("fflate");
  let bytes = 0;
  const filter = ({ originalSize }: { originalSize: number }) => {
    bytes += originalSize;
    if (bytes > UNPACKED_BYTES_MAX) throw new InputError(texts.tooLarge(zip.name, UNPACKED_BYTES_MAX / 1e6));
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
