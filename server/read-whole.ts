import { readSync } from "node:fs";

/**
 * Reads until the bytes are full, there and then.
 * @param file an open one
 * @param position of the first byte in it
 * @throws Error where the file ends before
 */
export function readWhole(file: number, bytes: Uint8Array, position: number): void {
  for (let done = 0; done < bytes.length; ) {
    const count = readSync(file, bytes, done, bytes.length - done, position + done);
    if (count === 0) throw new Error(`file: expected ${bytes.length - done} bytes more, got the end of the file`);
    done += count;
  }
}
