/** A file of answers that is there when it is whole, and not before: what stood at its place stays until then. */
import { type FileHandle, open, rename, rm } from "node:fs/promises";

/** @param write what goes into it, in order; where it throws, nothing is left */
export async function writeWhole<T>(path: string, write: (file: FileHandle) => Promise<T>): Promise<T> {
  const part = `${path}.part`;
  const file = await open(part, "w");
  try {
    const result = await write(file).finally(() => file.close());
    await rename(part, path);
    return result;
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}
