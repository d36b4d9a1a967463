/** Files as bytes that need not be in memory (byte-space.ts). */
import { closeSync, openAsBlob, openSync, writeFileSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { type ByteSpace, piecesInTurn } from "../shared/compute/byte-space.ts";
import { readWhole } from "./read-whole.ts";

/** An open file. Reads what it is asked for, there and then: for a thread that has nothing else to do. */
export class OpenFileSpace implements ByteSpace {
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

/** Smaller files are read. */
const LEFT_FROM_BYTES = 1024 * 1024;

/** A large file stays on the disk: it is open while something of it is read, and while it is sent. @throws Error where it cannot be read */
export async function fileSpace(path: string): Promise<ByteSpace> {
  const { size } = await stat(path);
  if (size < LEFT_FROM_BYTES) return new Uint8Array(await readFile(path));
  const blob = await openAsBlob(path);
  return {
    length: blob.size,
    subarray(start, end) {
      const file = openSync(path, "r");
      try {
        return new OpenFileSpace(file, blob.size).subarray(start, end);
      } finally {
        closeSync(file);
      }
    },
    blob: () => blob,
  };
}

/** Into a file that is not there yet, there and then, piece by piece. @throws Error where it is there, or the disk refuses */
export function writeSpace(path: string, space: ByteSpace): void {
  const file = openSync(path, "wx", 0o600);
  try {
    for (const piece of piecesInTurn(space)) writeFileSync(file, piece);
  } finally {
    closeSync(file);
  }
}
