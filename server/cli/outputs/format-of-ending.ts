/** A file to write is called as what it will hold: answers.npy, labels.csv. */
import { extname } from "node:path";
import { UsageError } from "../exit-codes.ts";

/**
 * @param what names the file for whoever gave it
 * @param suffix what has these formats, where others of the same command have more
 * @throws UsageError that lists the endings
 */
export function formatOfEnding<Format extends string>(
  what: string,
  file: string,
  formats: readonly Format[],
  suffix = "",
): Format {
  const format = formats.find((one) => extname(file).toLowerCase() === `.${one}`);
  if (format !== undefined) return format;
  const endings = formats.map((one) => `.${one}`);
  const listed = [endings.slice(0, -1).join(", "), endings.at(-1)].filter((part) => part !== "").join(" or ");
  throw new UsageError(`${what}: expected a file ending in ${listed}${suffix}, got "${file}"`);
}
