/** Texts from a file of this machine, or from standard input; shared/inputs/texts.ts reads them. */
import { createReadStream } from "node:fs";
import { type FileHandle, open, stat } from "node:fs/promises";
import { InputError } from "../../../shared/inputs/input-error.ts";
import { streamedTexts, type TextFile, type Texts, textsIn } from "../../../shared/inputs/texts.ts";
import { unreadable } from "./model-folder.ts";
import { UNPACKERS } from "./unpackers.ts";

export interface TextsOptions {
  /** Names, or of CSV without a header places from 0; two: each row is a pair of texts. None: see textsIn. */
  readonly columns: readonly string[];
  readonly stdin: AsyncIterable<Uint8Array>;
}

/** @throws InputError that names file and line */
export async function readTexts(path: string, { columns, stdin }: TextsOptions): Promise<Texts> {
  if (path === "-" && columns.length > 0)
    throw new InputError("standard input: expected a file for --column, for what comes there are lines of text");
  if (path === "-") return streamedTexts(stdin, "standard input");
  const found = await stat(path).catch((error: Error) => unreadable(path, error));
  if (found.isDirectory()) throw new InputError(`${path}: expected a file of texts, got a folder`);
  const file = await open(path).catch((error: Error) => unreadable(path, error));
  try {
    return await textsIn(textFile(path, found.size, file), columns, UNPACKERS);
  } finally {
    await file.close();
  }
}

function textFile(path: string, byteCount: number, file: FileHandle): TextFile {
  return {
    name: path,
    byteCount,
    bytes: () => createReadStream(path),
    async slice(start, end) {
      const bytes = new Uint8Array(end - start);
      await file.read(bytes, 0, bytes.length, start);
      return bytes.buffer;
    },
  };
}
