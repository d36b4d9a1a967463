/** A file of a model as it was received: a small one in memory, a large one where it lies on the disk. isKept: it is somebody else's, and stays there. */
import { closeSync, openSync } from "node:fs";
import type { SourceFile } from "../../shared/compute/runtimes/runtime-description.ts";
import { OpenFileSpace } from "../file-space.ts";

export type ReceivedFile =
  | { readonly name: string; readonly bytes: Uint8Array }
  | { readonly name: string; readonly path: string; readonly length: number; readonly isKept?: true };

export const lengthOf = (file: ReceivedFile): number => ("path" in file ? file.length : file.bytes.length);

/** Opens the files on the disk while something is done with them. */
export async function withOpened<T>(
  files: readonly ReceivedFile[],
  use: (opened: readonly SourceFile[]) => Promise<T>,
): Promise<T> {
  const open: number[] = [];
  try {
    const opened = files.map((file): SourceFile => {
      if (!("path" in file)) return file;
      open.push(openSync(file.path, "r"));
      return { name: file.name, bytes: new OpenFileSpace(open.at(-1)!, file.length) };
    });
    return await use(opened);
  } finally {
    for (const one of open) closeSync(one);
  }
}
