/** Bytes as text, and a stream of them as lines. What is no UTF-8 is refused: letters that nobody wrote would be answered like any other. */

import { CSV_LINE_BYTES_MAX } from "../protocol/limits.ts";
import { InputError } from "./input-error.ts";

const NOT_UTF8 = "expected UTF-8, got other bytes; convert it: iconv -f latin1 -t utf-8 (of Windows: -f utf-16)";

/** @throws InputError that names the line */
export function textOf(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw notUtf8(bytes, name, 0);
  }
}

/** @param linesBefore that were read before these bytes */
function notUtf8(bytes: Uint8Array, name: string, linesBefore: number): InputError {
  const text = new TextDecoder().decode(bytes);
  // A letter that began in the piece before may end in this one's first byte.
  const before = text.slice(0, Math.max(0, text.indexOf("\uFFFD")));
  return new InputError(`${name}, line ${linesBefore + before.split("\n").length}: ${NOT_UTF8}`);
}

/** Each byte is looked through once, however small the chunks are. @throws InputError where a line is longer than anybody could mean */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let count = 0;
  const decoded = (chunk?: Uint8Array) => {
    try {
      return chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true });
    } catch {
      throw notUtf8(chunk ?? new Uint8Array(), name, count);
    }
  };
  /** Of the line that has not ended. */
  let parts: string[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    const text = decoded(chunk);
    let start = 0;
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", start)) {
      parts.push(text.slice(start, end));
      count++;
      yield parts.join("");
      parts = [];
      length = 0;
      start = end + 1;
    }
    if (start < text.length) parts.push(text.slice(start));
    length += text.length - start;
    if (length > CSV_LINE_BYTES_MAX) {
      throw new InputError(`${name}: expected lines of at most ${CSV_LINE_BYTES_MAX} bytes, got a longer one`);
    }
  }
  const last = parts.join("") + decoded();
  if (last !== "") yield last;
}
