/** A stream of bytes as lines of text. */

import { CSV_LINE_BYTES_MAX } from "../protocol/limits.ts";
import { InputError } from "./input-error.ts";

/** @throws InputError where a line is longer than anybody could mean */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of chunks) {
    // What was looked through before has no end of a line.
    const seen = rest.length;
    rest += decoder.decode(chunk, { stream: true });
    let start = 0;
    for (let end = rest.indexOf("\n", seen); end >= 0; end = rest.indexOf("\n", start)) {
      yield rest.slice(start, end);
      start = end + 1;
    }
    rest = rest.slice(start);
    if (rest.length > CSV_LINE_BYTES_MAX) {
      throw new InputError(`${name}: expected lines of at most ${CSV_LINE_BYTES_MAX} bytes, got a longer one`);
    }
  }
  rest += decoder.decode();
  if (rest !== "") yield rest;
}
