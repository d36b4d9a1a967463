/** A file of a model as it was received: a small one in memory, a large one where it lies on the disk. isKept: it is somebody else's, and stays there. */
import { closeSync, openSync } from "node:fs";
import type { ByteSpace } from "../../shared/compute/byte-space.ts";
import type { SourceFile } from "../../shared/compute/runtimes/runtime-description.ts";
import { readWhole } from "../read-whole.ts";

export type ReceivedFile =
  | { readonly name: string; readonly bytes: Uint8Array }
  | { readonly name: string; readonly path: string; readonly length: number; readonly isKept?: true };

export const lengthOf = (file: ReceivedFile): number => ("path" in file ? file.length : file.bytes.length);

/** Reads what it is asked for, there and then: for a thread that has nothing else to do. */
class FileSpace implements ByteSpace {
  readonly length: number;
  readonly #file: number;

  constructor(file: number, length: number) {
    this.#file = file;
    this.length = length;
  }

  subarray(start: number, end: number): Uint8Array {
    const bytes = new Uint8Array(Math.max(0, Math.min(end, this.length) - start));
    readWhole(this.#file, bytes, start);
    return bytes;
  }
}

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
      return { name: file.name, bytes: new FileSpace(open.at(-1)!, file.length) };
    });
    return await use(opened);
  } finally {
    for (const one of open) closeSync(one);
  }
}
