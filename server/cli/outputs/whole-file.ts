/** A file that is there when it is whole, and not before: whoever reads meanwhile sees what stood at its place. */
import { randomBytes } from "node:crypto";
import { type FileHandle, open, rename, rm } from "node:fs/promises";

/**
 * @param write what goes into it, in order; where it throws, nothing is left
 * @param mode of the file, from its first byte on
 */
export async function writeWhole<T>(path: string, write: (file: FileHandle) => Promise<T>, mode?: number): Promise<T> {
  // A name of its own, for two may write at once, in this program or in another.
  const part = `${path}.${randomBytes(6).toString("hex")}.part`;
  const file = await open(part, "wx", mode);
  try {
    if (mode !== undefined) await file.chmod(mode);
    const result = await write(file).finally(() => file.close());
    await rename(part, path);
    return result;
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}
