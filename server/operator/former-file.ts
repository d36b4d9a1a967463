/** What the operator said lay in files before the store had a place for it. A file that is found is taken in, once. */
import { readFile, rm } from "node:fs/promises";
import { dirname } from "node:path";
import type { z } from "zod";
import { sync } from "../durable-files.ts";

/**
 * @param takeIn durable when it resolves; again what was taken in before a crash changes nothing
 * @throws where the file is there and holds something else
 */
export async function takeFormerFile<Schema extends z.ZodType>(
  path: string,
  schema: Schema,
  takeIn: (said: z.output<Schema>) => Promise<void>,
): Promise<void> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
  if (text === null) return;
  await takeIn(schema.parse(JSON.parse(text)));
  // Another coordinator may have been as quick.
  await rm(path, { force: true });
  await sync(dirname(path));
}
