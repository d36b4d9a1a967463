/** A stream of bytes as lines of text. */

import { CSV_LINE_BYTES_MAX } from "../protocol/limits.ts";
import { InputError } from "./input-error.ts";

/** Each byte is looked through once, however small the chunks are. @throws InputError where a line is longer than anybody could mean */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  /** Of the line that has not ended. */
  let parts: string[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    const text = decoder.decode(chunk, { stream: true });
    let start = 0;
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", start)) {
      parts.push(text.slice(start, end));
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
  const last = parts.join("") + decoder.decode();
  if (last !== "") yield last;
}
